/**
 * How my own command will probably look once it is done: drawn over the records until the server's word is here (D3).
 * It is a drawing, not a decision: what the server refuses disappears again, and its author gets the text back.
 */

import {
  AGENDA,
  STAGE,
  type ActionRec,
  type AgendaRec,
  type CommitmentRec,
  type DecisionRec,
  type Commands,
  type CommandName,
  type IdeaRec,
  type Letter,
  type MessageRec,
  type PulseRec,
  type ReactionRec,
  type Rec,
  type RemarkRec,
  type StageRec,
  type StepRec,
  type ZoneRec,
} from './api'
import { tailOf } from './ids'
import { endRank, rankBefore } from './rank'
import { kept } from './text'

/** An unacknowledged command, as far as it is drawn. */
export interface Stroke {
  readonly cmd: CommandName
  readonly args: Readonly<Record<string, unknown>>
  readonly at: number
  readonly order: number
  /** The seq of its `done`, when it has one. */
  readonly done?: number | undefined
}

/** The records under a stroke: earlier strokes included, itself not. */
export interface Scene {
  readonly room: string
  readonly me: string | undefined
  get(id: string): Rec | undefined
  zones(): readonly ZoneRec[]
  /** The id of my reactions on a thing, whether I have any or not. */
  reactionsOn(on: string): string
}

const LETTERS: readonly Letter[] = ['A', 'B', 'C', 'D', 'E', 'F']
/** Behind every message that has a number. */
const UNNUMBERED = 2 ** 52

/** Ids that a stroke draws on. The ideas of a zone that it removes are not listed: see `removedZone`. */
export const touches = (stroke: Stroke, scene: Scene): readonly string[] => {
  const { cmd, args } = stroke
  switch (cmd) {
    // What they change is the server's to say: another's clock, a name that only it knows, a record of nobody's.
    case 'idea.undo':
    case 'step.ready':
    case 'timer.start':
    case 'timer.pause':
    case 'timer.add':
    case 'member.remove':
    case 'screen.end':
    case 'post.mute':
    case 'post.unmute':
    // My ballot's and my answer's ids are not mine to know.
    case 'dots.put':
    case 'hand.deal':
    case 'hand.put':
    case 'pulse.answer':
    // What is proposed is looked at by the server, and a batch of it is many ideas.
    case 'proposal.accept':
    case 'proposal.refuse':
    case 'proposal.undo':
    // Who sits where is dealt by chance.
    case 'breakout.draw':
    case 'breakout.take':
    case 'breakout.end':
    case 'breakout.topic':
    case 'breakout.speaker':
    case 'breakout.best':
      return []
    case 'vote.close':
    case 'vote.count':
    case 'vote.reopen':
    case 'vote.reveal':
      return [args['step'] as string]
    case 'member.weight':
      if (typeof args['id'] === 'string') return [args['id']]
      return scene.me === undefined ? [] : [scene.me]
    case 'commitment.write':
      return scene.me === undefined ? [] : [commitmentOf(scene.me)]
    case 'step.go':
      return [AGENDA]
    case 'stage.set':
      return [STAGE]
    case 'reaction.add':
    case 'reaction.remove': {
      const on = args['on'] as string
      return [on, scene.reactionsOn(on)]
    }
    case 'post.hide':
    case 'post.show':
    case 'post.refuse':
      return [args['on'] as string]
    case 'room.set':
      return [scene.room]
    case 'member.rename':
      if (typeof args['id'] === 'string') return [args['id']]
      return scene.me === undefined ? [] : [scene.me]
    default:
      return [args['id'] as string]
  }
}

/** The id of what a member commits to (K3). */
export const commitmentOf = (member: string): string => `commitment:${tailOf(member)}`

/** The zone that a stroke takes away; its ideas stay, in no zone (C4). */
export const removedZone = ({ cmd, args }: Stroke): string | undefined =>
  cmd === 'zone.remove' ? (args['id'] as string) : undefined

/** The record `id` with a stroke over it. */
export const paint = (stroke: Stroke, id: string, rec: Rec | undefined, scene: Scene): Rec | undefined => {
  const { cmd } = stroke
  // What is already there is the server's, and truer.
  if (CREATE.has(cmd)) return rec ?? created(stroke, id, scene)
  if (cmd === 'commitment.write') {
    const { text, shared = false } = stroke.args as Commands['commitment.write']
    const said = clean(text)
    if (!said) return undefined
    return { v: 0, ...rec, id, text: said, author: scene.me ?? '', at: stroke.at, shared } satisfies CommitmentRec
  }
  if (cmd === 'step.go') {
    const { id: now } = stroke.args as Commands['step.go']
    return { v: 0, ...rec, id, now, since: stroke.at } satisfies AgendaRec
  }
  if (cmd === 'stage.set') {
    const { view, on = null, page = 0 } = stroke.args as Commands['stage.set']
    return { v: 0, ...rec, id, view, on, page } satisfies StageRec
  }
  if (cmd === 'reaction.add' || cmd === 'reaction.remove') return reacted(stroke, id, rec, scene)
  return rec && changed(stroke, rec, scene)
}

const CREATE: ReadonlySet<CommandName> = new Set([
  'idea.add',
  'zone.add',
  'message.send',
  'step.add',
  'decision.add',
  'remark.add',
  'action.add',
  'pulse.ask',
])

const created = (stroke: Stroke, id: string, scene: Scene): Rec => {
  const author = scene.me ?? null
  switch (stroke.cmd) {
    case 'idea.add': {
      const { text, zone = null, step = null } = stroke.args as Commands['idea.add']
      const card = { id, v: 0, text: clean(text), zone, step, rank: endRank(stroke.order) }
      const anonymous = step !== null && scene.get(step)?.['anonymous'] === true
      return (anonymous ? { ...card, anonymous, own: true } : { ...card, author, at: stroke.at }) satisfies IdeaRec
    }
    case 'message.send': {
      const { text, reply = null } = stroke.args as Commands['message.send']
      const n = UNNUMBERED + stroke.order
      return { id, v: 0, text: clean(text), n, reply, author, at: stroke.at } satisfies MessageRec
    }
    case 'step.add': {
      const { title, prompt, before, ...settings } = stroke.args as unknown as Commands['step.add']
      const words = { title: clean(title), ...(prompt && { prompt: clean(prompt) }) }
      return { ...settings, ...words, id, v: 0, rank: stepRank(before, stroke.order, scene) } satisfies StepRec
    }
    case 'decision.add': {
      const { text, source = null } = stroke.args as Commands['decision.add']
      const quote = source ? (scene.get(source) as { text?: string; title?: string } | undefined) : undefined
      const read = quote?.text ?? quote?.title ?? ''
      return { id, v: 0, text: clean(text), at: stroke.at, source, quote: read } satisfies DecisionRec
    }
    case 'remark.add': {
      const { text, step = null, on, kind } = stroke.args as Commands['remark.add']
      const said = { id, v: 0, on, kind, text: clean(text), step }
      const anonymous = step !== null && scene.get(step)?.['anonymous'] === true
      return (anonymous ? { ...said, anonymous, own: true } : { ...said, author, at: stroke.at }) satisfies RemarkRec
    }
    case 'action.add': {
      const { text, first, ...rest } = stroke.args as Commands['action.add']
      return { ...rest, id, v: 0, text: clean(text), first: clean(first ?? ''), at: stroke.at } satisfies ActionRec
    }
    case 'pulse.ask': {
      const { question, ...rest } = stroke.args as Commands['pulse.ask']
      return { anonymous: true, ...rest, id, v: 0, question: clean(question), at: stroke.at } satisfies PulseRec
    }
    default: {
      const { title, letter } = stroke.args as Commands['zone.add']
      const next = LETTERS[scene.zones().length % LETTERS.length] ?? 'A'
      return { id, v: 0, title: clean(title), letter: letter ?? next, rank: endRank(stroke.order) } satisfies ZoneRec
    }
  }
}

const changed = (stroke: Stroke, rec: Rec, scene: Scene): Rec | undefined => {
  const { cmd, args } = stroke
  switch (cmd) {
    case 'idea.edit':
    case 'message.edit':
    case 'remark.edit': {
      const text = clean(args['text'] as string)
      return text === rec['text'] ? rec : { ...rec, text, edited: true }
    }
    case 'idea.move':
      return moved(stroke, rec as IdeaRec, scene)
    case 'idea.remove':
      return { ...rec, removed: true }
    case 'idea.restore':
      return { ...rec, removed: false, taken: false }
    case 'message.remove':
    case 'zone.remove':
    case 'decision.remove':
    case 'remark.remove':
    case 'action.remove':
      return undefined
    case 'idea.merge':
      return { ...rec, into: args['into'] }
    case 'idea.unmerge':
      return { ...rec, into: null }
    case 'decision.edit':
      return { ...rec, text: clean(args['text'] as string) }
    case 'action.edit': {
      const { text, first, ...rest } = args as Commands['action.edit']
      return {
        ...rec,
        ...rest,
        ...(text !== undefined && { text: clean(text) }),
        ...(first !== undefined && { first: clean(first) }),
      }
    }
    case 'vote.close':
      return { ...rec, closed: stroke.at }
    case 'vote.count':
      return { ...rec, counted: true }
    case 'vote.reopen':
      return { ...rec, closed: null }
    case 'vote.reveal':
      return { ...rec, shown: true }
    case 'pulse.close':
      return { ...rec, closed: true }
    case 'member.weight':
      // How many count without a host's word is the server's to say.
      return args['id'] === undefined ? rec : { ...rec, weight: args['weight'], asked: 0 }
    case 'zone.edit':
      return { ...rec, title: clean(args['title'] as string) }
    case 'post.hide':
      return { ...rec, hidden: true }
    case 'post.show':
      return { ...rec, hidden: false }
    case 'post.refuse':
      return { ...rec, hidden: true, reason: clean(args['reason'] as string) }
    case 'step.edit': {
      const { title, prompt, ...settings } = args as unknown as Commands['step.edit']
      return {
        ...rec,
        ...settings,
        ...(title !== undefined && { title: clean(title) }),
        ...(prompt !== undefined && { prompt: clean(prompt) }),
      }
    }
    case 'step.move':
      return movedStep(stroke, rec as StepRec, scene)
    case 'step.remove':
      return undefined
    case 'step.reveal':
      return { ...rec, revealed: true }
    case 'room.set': {
      const { title, prompt, ...rest } = args as Commands['room.set']
      return {
        ...rec,
        ...rest,
        ...(title !== undefined && { title: clean(title) }),
        ...(prompt !== undefined && { prompt: clean(prompt) }),
      }
    }
    case 'member.rename':
      return { ...rec, name: clean(args['name'] as string) }
    case 'member.role':
      return { ...rec, role: args['role'] }
    default:
      return rec
  }
}

const moved = (stroke: Stroke, rec: IdeaRec, scene: Scene): Rec => {
  const { zone = rec.zone ?? null, before } = stroke.args as Commands['idea.move']
  if (before === rec.id) return rec
  const right = before ? scene.get(before) : undefined
  const rank = right ? rankBefore((right as IdeaRec).rank, stroke.order) : endRank(stroke.order)
  return { ...rec, zone, rank }
}

const movedStep = (stroke: Stroke, rec: StepRec, scene: Scene): Rec => {
  const { before } = stroke.args as Commands['step.move']
  return before === rec.id ? rec : { ...rec, rank: stepRank(before, stroke.order, scene) }
}

const stepRank = (before: string | null | undefined, order: number, scene: Scene): string => {
  const right = before ? scene.get(before) : undefined
  return right ? rankBefore((right as StepRec).rank, order) : endRank(order)
}

const reacted = (stroke: Stroke, id: string, rec: Rec | undefined, scene: Scene): Rec | undefined => {
  const { on, kind } = stroke.args as Commands['reaction.add']
  const adding = stroke.cmd === 'reaction.add'
  // The record that is being painted is not asked for again: each stroke would paint all those under it once more.
  const mine = (id === on ? scene.get(scene.reactionsOn(on)) : rec) as ReactionRec | undefined
  const kinds = mine?.kinds ?? []
  if (adding === kinds.includes(kind)) return rec

  if (id !== on) {
    const left = adding ? [...kinds, kind] : kinds.filter((other) => other !== kind)
    return left.length === 0 ? undefined : ({ id, v: rec?.v ?? 0, on, kinds: left } satisfies ReactionRec)
  }
  // Between the patch and the `mine` of my own reaction the count already holds it, though my record does not yet.
  const counted = stroke.done !== undefined && rec !== undefined && rec.v >= stroke.done
  if (!rec || counted) return rec
  const { reactions = {} } = rec as IdeaRec | MessageRec
  return { ...rec, reactions: { ...reactions, [kind]: Math.max(0, (reactions[kind] ?? 0) + (adding ? 1 : -1)) } }
}

/** As the server will keep it (L3), so that nothing moves when the record comes. */
const clean = kept
