/** A workshop as its screens see it: they read records and give commands, and hold no rules. */

import { getContext, setContext } from 'svelte'

import { groupsOf, newId, standing } from '../../sdk'
import type {
  ActionRec,
  AgendaRec,
  AnswerRec,
  BallotRec,
  BreakoutRec,
  BreakoutsRec,
  CommandName,
  Commands,
  CommitmentRec,
  DecisionRec,
  HandRec,
  IdeaRec,
  KindOf,
  Lang,
  Me,
  MemberRec,
  MessageRec,
  Pending,
  ProposalRec,
  PulseRec,
  ReactionKind,
  ReactionRec,
  RemarkRec,
  ResultRec,
  RoomClient,
  RoomRec,
  ScreenRec,
  SortingRec,
  StageRec,
  StepRec,
  UndoRec,
  Workshop,
  ZoneRec,
} from '../../sdk/api'
import { askedIn, begun } from './ahead'
import { toldApart } from './alike'
import { anythingDone } from './held'
import { LiveStream } from './live.svelte'
import type { Phrasebook, Spoken } from './spoken'
import type { Taken } from './taken'
import { readsOf } from './wall'

// By name, so that a kind that is forgotten here is told by the compiler: what is not in it never changes on the page.
const KINDS = Object.keys({
  room: true, member: true, zone: true, idea: true, message: true, reaction: true, undo: true, step: true, agenda: true, stage: true, ready: true,
  ballot: true, result: true, decision: true, action: true, commitment: true, pulse: true, answer: true, breakouts: true, breakout: true, screen: true, muted: true,
  remark: true, wordlist: true, hand: true, sorting: true, proposal: true,
} satisfies Record<KindOf<Workshop>, true>) as readonly KindOf<Workshop>[]

export class Room extends LiveStream<Workshop> {
  /** The one card or message that is taken in hand, or null. */
  selected: string | null = $state(null)
  /** The idea that waits for another which says the same, or null. */
  merging: string | null = $state(null)
  /** What I last took out of the agenda, while it can be put back with one press. */
  taken: Taken | null = $state.raw(null)
  /** What a host hid last, while it can be shown again with one press. */
  hid: { readonly on: string; readonly text: string } | null = $state.raw(null)
  /** A change of step that waits for a word about what it would leave hidden. */
  leaving: { readonly from: string | null; readonly to: string | null } | null = $state.raw(null)
  #at: string | null = null
  /** The id of a step to show as if everyone had just come to it; null: where the workshop is. For who looks ahead. */
  ahead: string | null = $state(null)
  /** In which who takes part reads steps as they were planned, where that is not the room's language. */
  phrases: Phrasebook | null = $state.raw(null)
  /** How often I have changed the board. */
  acts: number = $state(0)

  /** The id of the step that I have just added, until its title is asked for. */
  begun: string | null = null

  constructor(
    client: RoomClient,
    readonly code: string,
    unfollow: () => void,
    /** Somebody only looks on, as nobody in the room: what is his own on this device is not shown there. */
    readonly looks = false,
  ) {
    super(client, KINDS, unfollow)
    this.#at = this.#stepNow()
  }

  readonly room: RoomRec | undefined = $derived.by(() => this.all('room')[0])
  /** What people write here is in it, unless they write otherwise: texts of theirs say so, for screen readers and hyphens. */
  readonly lang: Lang | undefined = $derived(this.room && (this.room.lang ?? 'fr'))
  /** Whether any state has come since this page was opened: until then nothing is known to be empty. */
  readonly known: boolean = $derived(this.room !== undefined)
  readonly zones: readonly ZoneRec[] = $derived.by(() => this.all('zone'))
  readonly ideas: readonly IdeaRec[] = $derived.by(() => this.all('idea'))
  /**
   * Those of the board now: where people get to know each other what they say there, and elsewhere all but that, which is said of
   * people (G14).
   */
  readonly board: readonly IdeaRec[] = $derived.by(() => {
    const { step } = this
    if (step?.kind === 'meet' || step?.kind === 'questions') return this.ideas.filter((idea) => idea.step === step.id)
    const apart = this.#apart
    if (apart.size === 0) return this.ideas
    return this.ideas.filter((idea) => !idea.step || !apart.has(idea.step))
  })
  /** Those of the board that stand by themselves (G13). */
  readonly heads: readonly IdeaRec[] = $derived.by(() => {
    const { groups } = this
    if (groups.size === 0) return this.board
    const parts = new Set([...groups.values()].flat().map(({ id }) => id))
    return this.board.filter(({ id }) => !parts.has(id))
  })
  /** By an idea's id, what stands in it. */
  readonly groups: ReadonlyMap<string, readonly IdeaRec[]> = $derived.by(() => {
    void this.steps
    return groupsOf(this.ideas, (id) => this.client.get(id))
  })
  readonly messages: readonly MessageRec[] = $derived.by(() => this.all('message'))
  readonly members: readonly MemberRec[] = $derived.by(() => this.all('member'))
  /** Those that show the room, the newest first; hosts alone have them. */
  readonly screens: readonly ScreenRec[] = $derived.by(() => this.all('screen').toSorted((a, b) => b.at - a.at))
  /** The agenda's, in their order. */
  readonly steps: readonly Spoken<StepRec>[] = $derived.by(() => {
    const { phrases } = this
    const steps = this.all('step')
    return phrases ? steps.map((step) => phrases.step(step)) : steps
  })
  /** Whether everyone reads an idea, or a message. */
  readonly reads: ReturnType<typeof readsOf> = $derived(readsOf(this.steps))
  readonly agenda: AgendaRec | undefined = $derived.by(() => {
    const agenda = this.all('agenda')[0]
    return agenda && this.ahead ? { ...agenda, now: this.ahead } : agenda
  })
  /** The current step, if the workshop is at one. */
  readonly step: Spoken<StepRec> | undefined = $derived.by(() => {
    const step = this.steps.find(({ id }) => id === this.agenda?.now)
    return step && this.ahead ? begun(step, this.now()) : step
  })
  /**
   * Whether there is an agenda and the workshop is at none of its steps: `before` the first, `after` them, or neither. Whoever went to
   * a step and came back before anybody did anything is before.
   */
  readonly between: 'before' | 'after' | null = $derived.by(() => {
    if (this.step || this.steps.length === 0 || this.room?.prompt) return null
    return (this.agenda?.since ?? 0) > 0 && anythingDone(this) ? 'after' : 'before'
  })
  /** Small tables, while people sit at them. */
  readonly breakouts: BreakoutsRec | undefined = $derived.by(() => this.all('breakouts')[0])
  /** What is said of small tables, of now and of earlier rounds, in their order. */
  readonly tables: readonly BreakoutRec[] = $derived.by(() => this.all('breakout'))
  readonly stage: StageRec | undefined = $derived.by(() => (this.ahead ? undefined : this.all('stage')[0]))
  /** The prompt that stands now: the step's, or the room's where there is none. */
  readonly prompt: string = $derived(this.step ? (this.step.prompt ?? '') : (this.room?.prompt ?? ''))
  /** The steps in which I have said that I have finished. */
  readonly finished: ReadonlySet<string> = $derived.by(() => {
    const said = new Set(this.all('ready').map(({ step }) => step))
    for (const { cmd, args } of this.unsettled) {
      if (cmd !== 'step.ready') continue
      if (args['on'] === false) said.delete(String(args['id']))
      else said.add(String(args['id']))
    }
    return said
  })
  /** How many are present who are no hosts: who may finish, and vote. */
  readonly taking: number = $derived(
    Math.max(0, this.present.count - this.members.filter(({ id, role }) => role === 'host' && this.present.ids.has(id)).length),
  )
  /** How many have finished in the current step: said so, or voted. */
  readonly finishedCount: number = $derived(Math.max(this.step?.ready ?? 0, this.step?.voted ?? 0))
  readonly ballots: readonly BallotRec[] = $derived.by(() => this.all('ballot'))
  /** What I was dealt to sort, by step. */
  readonly hands: readonly HandRec[] = $derived.by(() => this.all('hand'))
  readonly sortings: readonly SortingRec[] = $derived.by(() => this.all('sorting'))
  /** For hosts: what people agree on as they sort. */
  readonly proposals: readonly ProposalRec[] = $derived.by(() => this.all('proposal'))
  readonly results: readonly ResultRec[] = $derived.by(() => this.all('result'))
  /** Oldest first, on whatever they are. */
  readonly remarks: readonly RemarkRec[] = $derived.by(() => this.all('remark'))
  readonly decisions: readonly DecisionRec[] = $derived.by(() => this.all('decision'))
  readonly actions: readonly ActionRec[] = $derived.by(() => this.all('action'))
  /** Mine, and others' that they share. */
  readonly commitments: readonly CommitmentRec[] = $derived.by(() => this.all('commitment'))
  /** Oldest first. */
  readonly pulses: readonly Spoken<PulseRec>[] = $derived.by(() => {
    const { ahead, phrases } = this
    const pulses = ahead ? askedIn(this.all('step').find(({ id }) => id === ahead)) : this.all('pulse')
    return phrases ? pulses.map((pulse) => phrases.pulse(pulse)) : pulses
  })
  readonly answers: readonly AnswerRec[] = $derived.by(() => this.all('answer'))
  readonly undo: UndoRec | undefined = $derived.by(() => this.all('undo')[0])
  /** By member: what he said, under his name, that he could help with, in steps where people get to know each other. */
  readonly skills: ReadonlyMap<string, readonly string[]> = $derived.by(() => {
    const said = new Map<string, string[]>()
    for (const { author, step, text, hidden, removed } of this.ideas) {
      if (!author || !step || !this.#meetings.has(step) || hidden || removed) continue
      said.set(author, [...(said.get(author) ?? []), text])
    }
    return said
  })
  /** What I said of myself there, under my name or not. */
  readonly ownSkills: readonly IdeaRec[] = $derived.by(() =>
    this.ideas.filter(({ id, step, removed }) => step && this.#meetings.has(step) && !removed && this.mine.has(id)),
  )
  readonly ideaById: ReadonlyMap<string, IdeaRec> = $derived(new Map(this.ideas.map((idea) => [idea.id, idea])))
  /** Those that everyone reads and whose text went with its author (O3): what quotes them is empty for that reason, and no other. */
  readonly wordless: ReadonlySet<string> = $derived(
    new Set(this.ideas.filter((idea) => idea.text === '' && this.reads(idea)).map(({ id }) => id)),
  )
  readonly me: Me | null = $derived.by(() => this.self('member'))
  readonly isHost: boolean = $derived(this.me?.role === 'host')
  /** For hosts: what is in review, the oldest first. */
  readonly review: readonly (IdeaRec | MessageRec)[] = $derived(
    this.isHost ? [...this.ideas, ...this.messages].filter((post) => post.hidden && !('removed' in post && post.removed)) : [],
  )
  /** For hosts: words that they look for before the big screen shows them (M5). */
  readonly listed: readonly string[] = $derived.by(() => this.all('wordlist')[0]?.words ?? [])
  /** Posts whose authors may write no more, and that are not there any more to let them by. */
  readonly stillMuted: number = $derived.by(() => {
    const marked = [...this.ideas, ...this.remarks, ...this.messages].filter(({ muted }) => muted).length
    return Math.max(0, (this.all('muted')[0]?.count ?? 0) - marked)
  })
  /** Whether I may write now (C7). */
  readonly mayWrite: boolean = $derived(this.isHost || this.room?.writing !== false)
  /** Whether I may group: name zones, merge ideas and take them apart. */
  readonly mayGroup: boolean = $derived(this.isHost || (this.step?.kind === 'group' && this.mayWrite))
  readonly mine: ReadonlySet<string> = $derived.by(() => {
    const me = this.me?.id
    return new Set(this.ideas.filter((idea) => idea.own || (me && idea.author === me)).map((idea) => idea.id))
  })
  /** What is not acknowledged yet, by the thing it is about; the last of each. */
  readonly pendingOn: ReadonlyMap<string, Pending> = $derived(
    new Map(
      this.pending
        .filter(({ cmd }) => cmd !== 'dots.put' && cmd !== 'hand.put')
        .map((pending) => [String(pending.args['id'] ?? pending.args['on'] ?? ''), pending]),
    ),
  )

  /** Steps in which people get to know each other. */
  readonly #meetings: ReadonlySet<string> = $derived(
    new Set(this.steps.filter(({ kind }) => kind === 'meet').map(({ id }) => id)),
  )
  /** Steps in which what is written is no idea of the board (G14, U12). */
  readonly #apart: ReadonlySet<string> = $derived(
    new Set(this.steps.filter(({ kind }) => kind === 'meet' || kind === 'questions').map(({ id }) => id)),
  )
  readonly #toldApart: ReadonlyMap<string, string> = $derived.by(() => toldApart(this.members))
  readonly #reacted: ReadonlyMap<string, ReactionRec> = $derived.by(
    () => new Map(this.all('reaction').map((reaction) => [reaction.on, reaction])),
  )

  /** The name of a member as it is now, told apart from those that look like it; null for one who is not known. */
  name(member: string | null | undefined): string | null {
    const record = this.one('member', member)
    return record ? (this.#toldApart.get(record.id) ?? record.name) : null
  }

  message(id: string): MessageRec | undefined {
    return this.one('message', id)
  }

  /** The idea in which this one stands: itself, if it was not merged. */
  head(idea: IdeaRec): IdeaRec {
    void this.steps
    void this.ideas
    return standing(idea, (id) => this.client.get(id))
  }

  /** The card that shows an idea, or what a remark is on; of a message its own id. */
  cardOf(id: string): string {
    const idea = this.ideaById.get(this.remarks.find((remark) => remark.id === id)?.on ?? id)
    return idea ? this.head(idea).id : id
  }

  zone(id: string | null | undefined): ZoneRec | undefined {
    return this.one('zone', id)
  }

  /** My own reactions on a thing. */
  reactions(on: string): readonly ReactionKind[] {
    return this.#reacted.get(on)?.kinds ?? []
  }

  override do<C extends CommandName>(cmd: C, args: Commands[C]): string {
    if (cmd.startsWith('idea.')) this.acts += 1
    return super.do(cmd, args)
  }

  /** Takes a text of somebody's from everyone's eyes, at once: asking first would leave it there. */
  hide(on: string, text: string): void {
    this.do('post.hide', { on })
    this.hid = { on, text }
  }

  react(on: string, kind: ReactionKind): void {
    this.do(this.reactions(on).includes(kind) ? 'reaction.remove' : 'reaction.add', { on, kind })
  }

  /** The step of this id. */
  stepOf(id: string | null | undefined): StepRec | undefined {
    return id ? this.steps.find((step) => step.id === id) : undefined
  }

  /** Adds an idea to those of no zone, in this step, even though that may be over; its id. */
  addIdea(text: string, step?: string | null, late = false, { image, alt }: Pick<Commands['idea.add'], 'image' | 'alt'> = {}): string {
    const id = newId('idea')
    this.do('idea.add', { id, text, ...(step && { step }), ...(late && { late }), ...(image && { image, ...(alt && { alt }) }) })
    return id
  }

  send(text: string, reply?: string): void {
    this.do('message.send', { id: newId('message'), text, ...(reply ? { reply } : {}) })
  }

  protected override changed(): void {
    if (this.selected && !this.client.get(this.selected)) this.selected = null
    const at = this.#stepNow()
    // What was begun in a step ends with it.
    if (at !== this.#at) this.merging = this.taken = null
    this.#at = at
    if (this.merging && !this.client.get(this.merging)) this.merging = null
  }

  #stepNow(): string | null {
    return this.client.all('agenda')[0]?.now ?? null
  }
}

const KEY = Symbol('room')

/** Gives the room to the components below. */
export function provideRoom(room: () => Room): void {
  setContext(KEY, room)
}

/** The room of the screen that this component stands on. */
export function useRoom(): Room {
  return getContext<() => Room>(KEY)()
}
