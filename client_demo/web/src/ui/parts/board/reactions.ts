import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark'
import Heart from '@lucide/svelte/icons/heart'
import Lightbulb from '@lucide/svelte/icons/lightbulb'
import Star from '@lucide/svelte/icons/star'
import ThumbsUp from '@lucide/svelte/icons/thumbs-up'

/** The five reactions, in the order in which they are offered. */
export const REACTIONS = [
  { kind: 'like', icon: ThumbsUp, label: 'react.like' },
  { kind: 'love', icon: Heart, label: 'react.love' },
  { kind: 'star', icon: Star, label: 'react.star' },
  { kind: 'bulb', icon: Lightbulb, label: 'react.bulb' },
  { kind: 'question', icon: CircleQuestionMark, label: 'react.question' },
] as const
