/** The places of a community that are always at hand, and which of them a page lies in. */

import type { Component } from 'svelte'

import House from '@lucide/svelte/icons/house'
import MessagesSquare from '@lucide/svelte/icons/messages-square'
import User from '@lucide/svelte/icons/user'
import Users from '@lucide/svelte/icons/users'

import type { TextKey } from '../text/catalogue'
import type { CommunityPlace } from './route.svelte'

export interface MainPlace {
  readonly page: 'community' | 'circles' | 'people' | 'me'
  readonly label: Extract<TextKey, `community.place.${string}`>
  readonly icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
}

export const PLACES: readonly MainPlace[] = [
  { page: 'community', label: 'community.place.home', icon: House },
  { page: 'circles', label: 'community.place.circles', icon: MessagesSquare },
  { page: 'people', label: 'community.place.people', icon: Users },
  { page: 'me', label: 'community.place.me', icon: User },
]

const AROUND: Readonly<Record<CommunityPlace, MainPlace['page'] | 'search'>> = {
  community: 'community',
  circles: 'circles',
  newCircle: 'circles',
  circle: 'circles',
  inCircle: 'circles',
  aboutCircle: 'circles',
  thread: 'circles',
  people: 'people',
  person: 'people',
  invite: 'people',
  me: 'me',
  newWorkshop: 'community',
  search: 'search',
}

/** The place that a page lies in. */
export const around = (page: CommunityPlace): MainPlace['page'] | 'search' => AROUND[page]
