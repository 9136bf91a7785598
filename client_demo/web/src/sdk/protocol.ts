/**
 * What is shown of a stream, and what may be asked of it (SPEC.md, R, C, Q and P). Made by `python -m tests.typescript` from the types of protocol/, which are to be changed instead.
 *
 * Fields at their default are absent (R1): absent is false, null, 0, '' or empty, but where the protocol says otherwise.
 */

export type ReactionKind = 'like' | 'love' | 'star' | 'bulb' | 'question'
export type Lang = 'fr' | 'en'
export type Letter = 'A' | 'B' | 'C' | 'D' | 'E' | 'F'
export type MemberRole = 'host' | 'participant'
export type PulseForm = 'scale' | 'choice' | 'words' | 'weather'
export type StepKind = 'present' | 'meet' | 'ideate' | 'group' | 'vote' | 'discuss' | 'decide' | 'pulse' | 'questions' | 'next'
export type RemarkKind = 'objection' | 'condition' | 'offer'
export type Blind = 'open' | 'hosts' | 'nobody'
export type Targets = 'ideas' | 'zones'
export type StageView = 'auto' | 'lobby' | 'prompt' | 'ideas' | 'groups' | 'results' | 'decision' | 'black'
export type LeadRole = 'animator' | 'administrator'
export type Access = 'common' | 'open' | 'request' | 'confidential'
export type CircleRole = 'animator' | 'member'

/** Any record. `v` is the seq at which it last changed for this client's audience. */
export type Rec = { id: string; v: number; [field: string]: unknown }

export type RoomRec = Rec & {
  title: string
  prompt?: string
  lang?: Lang
  code?: string
  writing?: boolean
  door?: boolean
  /** People whom one phone may answer for without a host's word. */
  unconfirmed?: number
  line?: string
  accent?: string
  logo?: string
  logo_width?: number
  logo_height?: number
  /** For dark grounds; "": on those the other stands on a light plate. */
  logo_dark?: string
  logo_dark_width?: number
  logo_dark_height?: number
  /** From which it was opened, and into which its members may come; "": it stands alone. */
  community?: string
}

export type MemberRec = Rec & {
  name: string
  role: MemberRole
  /** So many people share this phone, and its dots weigh as much; 0: one person alone. */
  weight?: number
  /** So many are said to share it, which waits for a host's word; 0: nothing waits. */
  asked?: number
  /** The number of the small table at which this person sits for now; 0: none. */
  breakout?: number
  /** When this person came first (ms); 0: not known. */
  at?: number
  /** Known from a file alone: nobody is here as this person yet. */
  away?: boolean
}

/** Somebody projects the room: since when (ms), and whether a host opened it. Hosts alone have it. */
export type ScreenRec = Rec & {
  at: number
  host?: boolean
}

/** For how many posts an author may write no more; its id is `muted:of-this-room`. Hosts alone have it. */
export type MutedRec = Rec & {
  count: number
}

/** Words that hosts look for; its id is `wordlist:of-this-room`. Hosts alone have it. */
export type WordlistRec = Rec & {
  words: readonly string[]
}

export type ZoneRec = Rec & {
  title: string
  /** A to F: which of the six tints of the board it wears; it never changes. */
  letter: Letter
  rank: string
}

export type IdeaRec = Rec & {
  text: string
  /** Orders ideas of one zone: compare as ASCII strings, then by id. */
  rank: string
  zone?: string | null
  author?: string | null
  at?: number | null
  edited?: boolean
  /** Its author (and hosts) may restore it; others do not have this record at all. */
  removed?: boolean
  /** Removed by a host: only hosts may restore it. */
  taken?: boolean
  /** In review: only its author and hosts have this record. */
  hidden?: boolean
  reactions?: Readonly<Partial<Record<ReactionKind, number>>>
  /** The step that it was written in. */
  step?: string | null
  /** Nobody is told its author or its time. */
  anonymous?: boolean
  /** Only in `mine`: I am the author of this anonymous idea. */
  own?: boolean
  /** It came when its step was over. */
  late?: boolean
  /** The small table at which its author sat; 0: none, or it is anonymous. */
  breakout?: number
  /** In which round of small tables; 0: in none, or it is not known. */
  round?: number
  /** In review, and refused: why. */
  reason?: string
  /** For hosts: its author was muted for it. */
  muted?: boolean
  /** What it was merged into: it stands in that one while everyone reads it, and else by itself (SPEC G13). */
  into?: string | null
  /** A picture that belongs to it (SPEC B). */
  image?: string
  /** What is seen on it, in words. */
  alt?: string
  /** Of the picture, in pixels: so that nothing jumps when it has come. */
  width?: number
  height?: number
  /** It is a question, and has been answered (SPEC U13). */
  answered?: boolean
}

export type MessageRec = Rec & {
  text: string
  /** Orders messages; also the page mark of `ask history`. */
  n: number
  author?: string | null
  at?: number | null
  reply?: string | null
  edited?: boolean
  hidden?: boolean
  reactions?: Readonly<Partial<Record<ReactionKind, number>>>
  reason?: string
  muted?: boolean
}

/** My own reactions on one thing; only in `mine`. Its id is `reaction:` and the id of what it is on, with a hyphen for the colon. */
export type ReactionRec = Rec & {
  on: string
  kinds: readonly ReactionKind[]
}

/** What `idea.undo` would undo; only in `mine`, and there is one at most. */
export type UndoRec = Rec & {
  on: string
  what: 'move' | 'remove'
}

/** An item of the agenda. */
export type StepRec = Rec & {
  kind: StepKind
  title: string
  rank: string
  prompt?: string
  minutes?: number
  /** Who reads what is written in it before `revealed`, beside its author: open (all), hosts, nobody. */
  blind?: Blind
  anonymous?: boolean
  /** What is written in it is in review until a host shows it. */
  moderated?: boolean
  revealed?: boolean
  /** How many ideas there are in it that nobody has removed, while not all may read them (SPEC G3). */
  written?: number
  /** How many people have said that they have finished. */
  ready?: number
  /** When its clock runs out, while it runs. */
  ends?: number | null
  /** Milliseconds left on its clock, while it rests. */
  left?: number | null
  budget?: number
  cap?: number
  targets?: Targets
  form?: PulseForm
  options?: readonly string[]
  low?: string
  /** What 1 and 5 mean on the scale of its question; "": as every client says it. */
  high?: string
  /** Its question is asked as soon as people come to it. */
  asks?: boolean
  /** Everyone is dealt some cards to sort. */
  deals?: boolean
  /** Of its question several options may be chosen. */
  several?: boolean
  /** Of its question one may write an option oneself. */
  other?: boolean
  /** Of a vote, how many of what was chosen are gone on with (SPEC V7); 0: as many as are suggested. */
  carried?: number
  /** How many people have put dots. */
  voted?: number
  /** When the vote was closed. */
  closed?: number | null
  /** For hosts: they see its result, and it is not reopened. */
  counted?: boolean
  /** Everyone sees its result. */
  shown?: boolean
}

/** Which step is now; its id is `agenda:of-this-room`. */
export type AgendaRec = Rec & {
  now?: string | null
  since?: number
}

/** What the big screen shows; its id is `stage:of-this-room`. */
export type StageRec = Rec & {
  view?: StageView
  on?: string | null
  /** The page that is held, from 1 on; 0: they turn by themselves. */
  page?: number
  /** The closed question whose result people look at. */
  pulse?: string | null
}

/** Small tables, while people sit at them; its id is `breakouts:of-this-room`. */
export type BreakoutsRec = Rec & {
  size: number
  count: number
  since: number
  /** Which round it is, from 1 on; 0: not known. */
  round?: number
}

/** What is said of one small table, of now or of an earlier round. There is none of a table of which nothing is said. */
export type BreakoutRec = Rec & {
  round: number
  breakout: number
  topic?: string
  /** Instead of a topic that was typed: the idea or zone that is talked about. */
  about?: string | null
  /** Who reports back. */
  speaker?: string | null
  /** The idea that is reported back. */
  best?: string | null
}

/** Only in `mine`: I have finished in this step. */
export type ReadyRec = Rec & {
  step: string
}

/** Only in `mine`: the cards that I was dealt to sort in a step. */
export type HandRec = Rec & {
  step: string
  /** Ideas, in the order in which they were dealt. */
  cards?: readonly string[]
  /** By idea, the zone or the idea that I put it to; "": I left it to others. */
  put?: Readonly<Record<string, string>>
}

/** How far people are with the cards that a step deals. */
export type SortingRec = Rec & {
  step: string
  /** Ideas that lie in no zone still, and that somebody has put somewhere. */
  placed?: number
  /** How many have put one. */
  people?: number
}

/** Only for hosts: where several people would put an idea. */
export type ProposalRec = Rec & {
  step: string
  on: string
  /** A zone, or an idea that says the same. */
  to: string
  /** How many would. */
  hands: number
  /** How many have put it anywhere. */
  of: number
}

/** Only in `mine`: where my dots lie in a vote. */
export type BallotRec = Rec & {
  step: string
  /** What counts, by idea or zone. */
  dots?: Readonly<Record<string, number>>
  /** Things whose dots, or some of them, came back to me: they were merged, hidden or removed. */
  returned?: readonly string[]
}

/** A closed vote: for hosts once it is counted, for all once it is revealed. */
export type ResultRec = Rec & {
  step: string
  at: number
  totals?: readonly Total[]
  voters?: number
  /** People behind the ballots: a table counts as many as it is. */
  weight?: number
}

export type DecisionRec = Rec & {
  text: string
  at: number
  /** The idea or zone that it came from. */
  source?: string | null
  /** How that read then; "" where it has been hidden or removed since. */
  quote?: string
}

/** What somebody said of an idea or a zone as it was tested. */
export type RemarkRec = Rec & {
  /** What it stands on; nobody has it while not everyone reads that. */
  on: string
  /** `objection`, `condition` or `offer` (of help). */
  kind: string
  text: string
  author?: string | null
  at?: number | null
  edited?: boolean
  hidden?: boolean
  /** The step that it was written in. */
  step?: string | null
  /** Nobody is told its author or its time. */
  anonymous?: boolean
  /** Only in `mine`: I am the author of this anonymous remark. */
  own?: boolean
  reason?: string
  muted?: boolean
}

export type ActionRec = Rec & {
  text: string
  at: number
  decision?: string | null
  owner?: string | null
  /** A day, as 2026-12-01. */
  due?: string
  /** The first step. */
  first?: string
  done?: boolean
}

/** What someone commits to; its id ends as its author's does. In `mine` unless it is shared. */
export type CommitmentRec = Rec & {
  text: string
  author: string
  at: number
  shared?: boolean
}

/** A question on the fly. */
export type PulseRec = Rec & {
  question: string
  form: PulseForm
  at: number
  options?: readonly string[]
  low?: string
  /** What 1 and 5 mean on its scale; "": as every client says it. */
  high?: string
  /** Everyone may choose several options. */
  several?: boolean
  /** Everyone may choose, behind all options, one that they write themselves. */
  other?: boolean
  anonymous?: boolean
  closed?: boolean
  /** How many have answered. */
  answers?: number
  /** How many gave each number of the scale or of the weather, or chose each option; last, how many wrote another. */
  counts?: readonly number[]
  /** Words, or what people wrote themselves, and how many gave them, most first: of an open question the most frequent ones (SPEC U6). */
  words?: Readonly<Record<string, number>>
  /** Only for hosts: those that they hid. */
  hidden?: Readonly<Record<string, number>>
  /** How many words there are in all. */
  different?: number
}

/** Only in `mine`: what I answered. */
export type AnswerRec = Rec & {
  pulse: string
  value: number | string | readonly number[]
  /** What I wrote myself. */
  other?: string
}

export type CommunityRec = Rec & {
  title: string
  /** In which it speaks; the first where none is chosen. */
  langs?: readonly Lang[]
  at?: number
  /** How many are in it. */
  people?: number
}

/** Only in `mine`, and in what is asked for: somebody of a community. */
export type PersonRec = Rec & {
  name?: string
  roles?: readonly LeadRole[]
  job?: string
  site?: string
  /** What they can help others with. */
  offers?: readonly string[]
  /** What they look for. */
  seeks?: readonly string[]
  interests?: readonly string[]
  /** In which they like to be spoken to; none: in the community's own. */
  langs?: readonly Lang[]
  /** Since when they are in it. */
  at?: number
}

/** Only for those who lead: whoever has its link may come in. */
export type InvitationRec = Rec & {
  by: string
  name?: string
  at: number
  ends: number
  /** How many may come by it; 0: as many as like. */
  most?: number
  /** How many have come by it. */
  used?: number
  /** Of what comes behind the @ of their address; none: any. */
  domains?: readonly string[]
  /** Whoever comes by it asks to be let in. */
  asks?: boolean
  closed?: boolean
}

/** Only for those who lead: somebody asks to be let in. */
export type RequestRec = Rec & {
  name?: string
  at: number
  /** By which they came; "": by a workshop. */
  invitation?: string
  /** The workshop from which they come; "": by an invitation. */
  room?: string
}

/** Only for those who lead: somebody who may not come in for now. */
export type SuspendedRec = Rec & {
  name?: string
  at: number
}

/** The circle itself; its id is that of its stream. */
export type CircleRec = Rec & {
  community: string
  title: string
  purpose?: string
  access: Access
  animators?: readonly Named[]
  /** Who has promised to answer the ideas of this circle. */
  respondent?: Named | null
  /** How many are in it; 0: everyone of the community. */
  people?: number
  archived?: boolean
  at?: number
}

/** What somebody wrote; "" is what was taken back, or whose author was erased, while there are replies to it. */
export type PostRec = Rec & {
  text?: string
  /** Numbers the posts of a circle, replies too, from 1. */
  n: number
  author?: string | null
  /** What its author was called then. */
  name?: string
  at?: number
  /** The post that it replies to, which itself replies to none. */
  reply?: string | null
  mentions?: readonly Named[]
  /** It names everyone of the circle. */
  all?: boolean
  edited?: boolean
  /** How many have thanked for it. */
  thanks?: number
  /** How many there are that everyone reads. */
  replies?: number
  /** When the newest of them was written; 0: there is none. */
  last?: number
  pinned?: boolean
  /** Only its author and animators have this record. */
  hidden?: boolean
  /** Why an animator hid it. */
  reason?: string
}

/** Only in `mine`: I have thanked for a post; its id ends as the post's does. */
export type ThanksRec = Rec & {
}

/** Only in `mine`: what I am in this circle; its id ends as mine does. Whoever has none is in it with everyone of the community. */
export type SeatRec = Rec & {
  role: CircleRole
}

/** Somebody asks to come in; its id ends as theirs does. Animators alone have it. */
export type AskingRec = Rec & {
  name: string
  at: number
  text?: string
}

export type Total = {
  id: string
  /** As it read when the vote was closed; "" where it has been hidden or removed since. */
  text: string
  dots: number
  voters: number
}

/** A person, and what they were called when this was said. */
export type Named = {
  id: string
  name?: string
}

export interface Kinds {
  room: RoomRec
  member: MemberRec
  screen: ScreenRec
  muted: MutedRec
  wordlist: WordlistRec
  zone: ZoneRec
  idea: IdeaRec
  message: MessageRec
  reaction: ReactionRec
  undo: UndoRec
  step: StepRec
  agenda: AgendaRec
  stage: StageRec
  breakouts: BreakoutsRec
  breakout: BreakoutRec
  ready: ReadyRec
  hand: HandRec
  sorting: SortingRec
  proposal: ProposalRec
  ballot: BallotRec
  result: ResultRec
  decision: DecisionRec
  remark: RemarkRec
  action: ActionRec
  commitment: CommitmentRec
  pulse: PulseRec
  answer: AnswerRec
}

export interface CommunityKinds {
  community: CommunityRec
  person: PersonRec
  invitation: InvitationRec
  request: RequestRec
  suspended: SuspendedRec
}

export interface CircleKinds {
  circle: CircleRec
  post: PostRec
  thanks: ThanksRec
  seat: SeatRec
  asking: AskingRec
}

export interface Commands {
  /** `step`: the one that it was typed in (null: the current one); `late`: even though that is over; `image`: one that I brought, and `alt`: what is seen on it. */
  'idea.add': { id: string; text: string; zone?: string | null; step?: string | null; late?: boolean; image?: string | null; alt?: string }
  /** Without `image`, or `alt`: that one stays; "": it is taken away, for good. */
  'idea.edit': { id: string; text: string; image?: string; alt?: string }
  /** To another zone (null: none), before another idea of it, or to its end. Without `zone`: within its own. */
  'idea.move': { id: string; zone?: string | null; before?: string | null }
  'idea.remove': { id: string }
  'idea.restore': { id: string }
  /** Undo my own last move or removal (`on`: of this idea), unless someone has changed that idea since. */
  'idea.undo': { on?: string | null }
  /** It says the same as another, which shows both from now on. */
  'idea.merge': { id: string; into: string }
  /** It stands for itself again, where it stood. */
  'idea.unmerge': { id: string }
  'zone.add': { id: string; title: string; letter?: Letter | null }
  'zone.edit': { id: string; title: string }
  /** Its ideas stay, in no zone. */
  'zone.remove': { id: string }
  'message.send': { id: string; text: string; reply?: string | null }
  'message.edit': { id: string; text: string }
  'message.remove': { id: string }
  'reaction.add': { on: string; kind: ReactionKind }
  'reaction.remove': { on: string; kind: ReactionKind }
  'post.hide': { on: string }
  'post.show': { on: string }
  /** It stays in review, and its author learns why. */
  'post.refuse': { on: string; reason: string }
  /** Whoever wrote this writes no more: in this room, or, where he has no name, in this step. */
  'post.mute': { on: string }
  /** The author of this post may write again; without `on`, everybody who may not. */
  'post.unmute': { on?: string | null }
  'room.set': {
    title?: string
    prompt?: string
    lang?: Lang
    writing?: boolean
    door?: boolean
    unconfirmed?: number
    line?: string
    accent?: string
    logo?: string
    logo_dark?: string
  }
  /** The words that hosts look for before the big screen shows what people wrote; none: they look for none. */
  'wordlist.set': { words: readonly string[] }
  /** Myself, or (a host) another. */
  'member.rename': { name: string; id?: string | null }
  /** One person, or many at once: their connections end, and they come back only as somebody new. What they wrote stays. */
  'member.remove': { id?: string | null; ids?: readonly string[] }
  /** A screen shows nothing more; without `id` none does. */
  'screen.end': { id?: string | null }
  'member.role': { id: string; role: MemberRole }
  /** I answer for so many people, who share my phone; 1: for myself. With `id` a host says so of another. */
  'member.weight': { weight: number; id?: string | null }
  /** Deal people out to small tables: those named, or the participants who are present. `join`: the tables of now come together two by two instead. `texts`, `about`: what they talk about, as `SetTopics` says it. */
  'breakout.draw': { size?: number; among?: readonly string[]; join?: boolean; texts?: readonly string[]; about?: readonly string[] }
  /** I sit down at this small table (null: where fewest sit, unless I have a seat). With `id` a host seats another. */
  'breakout.take': { breakout?: number | null; id?: string | null }
  /** What the small tables of this round talk about: typed `texts`, then the ideas and zones `about`, each table one in turn. With `breakout` one table alone; nothing of either: no topic. */
  'breakout.topic': { round: number; breakout?: number | null; texts?: readonly string[]; about?: readonly string[] }
  /** I report back for my small table, or do not. With `id` a host says so of another, for the table at which they sit. */
  'breakout.speaker': { id?: string | null; speaks?: boolean }
  /** This idea is the best one of the small table at which it was written, or is not. */
  'breakout.best': { id: string; best?: boolean }
  /** Everyone sits together again. */
  'breakout.end': Record<string, never>
  /** An item of the agenda, before another or at its end. `minutes` 0: without a clock; `budget`, `cap` 0: as the server suggests; `form`, `options`, `low`, `high`: of the question that a step of kind `pulse` will ask; `asks`: as soon as people come to it; `deals`: in one of kind `group` everyone is dealt some cards to sort. */
  'step.add': {
    id: string
    kind: StepKind
    title: string
    prompt?: string
    before?: string | null
    minutes?: number
    blind?: Blind
    anonymous?: boolean
    moderated?: boolean
    budget?: number
    cap?: number
    targets?: Targets
    form?: PulseForm
    options?: readonly string[]
    low?: string
    high?: string
    asks?: boolean
    deals?: boolean
    several?: boolean
    other?: boolean
  }
  /** `carried`: of a vote, how many of what was chosen are gone on with; 0: as many as every client suggests (SPEC V7). */
  'step.edit': {
    id: string
    title?: string
    prompt?: string
    minutes?: number
    blind?: Blind
    anonymous?: boolean
    moderated?: boolean
    budget?: number
    cap?: number
    targets?: Targets
    form?: PulseForm
    options?: readonly string[]
    low?: string
    high?: string
    asks?: boolean
    deals?: boolean
    several?: boolean
    other?: boolean
    carried?: number
  }
  /** Before another, or to the end. */
  'step.move': { id: string; before?: string | null }
  'step.remove': { id: string }
  /** Any step, forth or back; null: none. `leaving`: only if that is the current one still. */
  'step.go': { id: string | null; leaving?: string | null }
  /** Everyone reads what was written in it, at once and for good. */
  'step.reveal': { id: string }
  /** I have finished in this step, or have not. */
  'step.ready': { id: string; on?: boolean }
  /** Deal me some more cards to sort, once I have done with those that I have. */
  'hand.deal': { step: string }
  /** A card of mine belongs in this zone, or says the same as this idea; null: I leave it to others. */
  'hand.put': { step: string; on: string; to?: string | null }
  /** These ideas go where people proposed, as far as they propose it still: by idea, a zone or an idea. */
  'proposal.accept': { places: Readonly<Record<string, string>> }
  /** It is proposed no more that this idea goes there. */
  'proposal.refuse': { on: string; to: string }
  /** Take back the last acceptance, or refusal, as far as nobody has changed its ideas since. */
  'proposal.undo': Record<string, never>
  /** So many of my dots lie on this idea or zone, instead of as many as did. */
  'dots.put': { step: string; on: string; count: number }
  /** Its result is taken, and nobody sees it yet. */
  'vote.close': { step: string }
  /** Hosts see the result of a closed vote, which then is not reopened. */
  'vote.count': { step: string }
  'vote.reopen': { step: string }
  /** Everyone sees its result, for good. */
  'vote.reveal': { step: string }
  /** `source`: the idea or zone that it comes from. */
  'decision.add': { id: string; text: string; source?: string | null }
  'decision.edit': { id: string; text: string }
  'decision.remove': { id: string }
  /** What came out when an idea or a zone was tested; `step`: the one that it was typed in (null: the current one). */
  'remark.add': { id: string; on: string; kind: RemarkKind; text: string; step?: string | null }
  'remark.edit': { id: string; text: string }
  /** For good. */
  'remark.remove': { id: string }
  /** What is to be done: for which decision, by whom, by which day (as 2026-12-01), and with which first step. */
  'action.add': { id: string; text: string; decision?: string | null; owner?: string | null; due?: string; first?: string }
  'action.edit': { id: string; text?: string; owner?: string | null; due?: string; first?: string; done?: boolean }
  'action.remove': { id: string }
  /** What I commit to, for my eyes or everyone's; "": nothing any more. */
  'commitment.write': { text: string; shared?: boolean }
  /** A question on the fly: on a scale of 1 (`low`) to 5 (`high`), with options to choose one from (or `several`; with `other` one may write another oneself), for words, or for the weather that one is in. */
  'pulse.ask': {
    id: string
    question: string
    form: PulseForm
    options?: readonly string[]
    anonymous?: boolean
    low?: string
    high?: string
    several?: boolean
    other?: boolean
  }
  /** A number of the scale or of the weather (SPEC U7), the place of an option (from 0), those of several, or words; again: instead. `other`: what I write where I choose the place behind the last option (SPEC U10). */
  'pulse.answer': { id: string; value: number | string | readonly number[]; other?: string }
  'pulse.close': { id: string }
  /** Words that people gave in answer are read no more, or (`hidden` false) again; what is alike goes with them. */
  'pulse.hide': { id: string; word: string; hidden?: boolean }
  /** A question of the room has been answered, or (`answered` false) has not. */
  'question.answer': { id: string; answered?: boolean }
  /** Of the current step: from its minutes, or from where it rests. */
  'timer.start': Record<string, never>
  /** Of the current step. */
  'timer.pause': Record<string, never>
  /** To the clock of the current step. */
  'timer.add': { ms?: number }
  /** What the big screen shows; `on`: the one idea, zone or decision of it; `page`: the page that is held, 0: they turn by themselves. */
  'stage.set': { view: StageView; on?: string | null; page?: number }
}

export interface CommunityCommands {
  'community.set': { title?: string; langs?: readonly Lang[] }
  'community.leave': Record<string, never>
  /** What others learn of me; what is not given stays. */
  'profile.set': {
    name?: string
    job?: string
    site?: string
    offers?: readonly string[]
    seeks?: readonly string[]
    interests?: readonly string[]
    langs?: readonly Lang[]
  }
  /** `most`: how many may come by it (0: as many as like); `domains`: of their addresses; `asks`: each must be let in. */
  'invitation.add': { id: string; days?: number; most?: number; domains?: readonly string[]; asks?: boolean }
  /** Nobody comes by it any more; who came stays. */
  'invitation.close': { id: string }
  'request.grant': { id: string }
  'request.refuse': { id: string }
  /** What is not given stays. */
  'person.role': { id: string; animator?: boolean; administrator?: boolean }
  /** They are out until somebody lets them in again, and lay down what they led. */
  'person.suspend': { id: string }
  'person.readmit': { id: string }
  /** They are out for good; what they wrote stays. */
  'person.remove': { id: string }
}

export interface CircleCommands {
  /** Only what is given changes. */
  'circle.set': { title?: string; purpose?: string; access?: Access; respondent?: string | null }
  /** Nothing is written in it any more; or it goes on. */
  'circle.archive': { on?: boolean }
  /** I am in it no more; in one that is everyone's, its animator no more. */
  'circle.leave': Record<string, never>
  /** Somebody of the community is in the circle from now on. */
  'member.add': { id: string }
  'member.remove': { id: string }
  'member.role': { id: string; role: CircleRole }
  'asking.grant': { id: string }
  'asking.refuse': { id: string }
  /** `reply`: the thread that it is said in (null: it begins one); `mentions`: people of the circle; `all`: everyone of it. */
  'post.add': { id: string; text: string; reply?: string | null; mentions?: readonly string[]; all?: boolean }
  'post.edit': { id: string; text: string }
  /** For good; of a post that has replies these stay. */
  'post.remove': { id: string }
  'post.thank': { id: string }
  'post.unthank': { id: string }
  'post.pin': { id: string }
  'post.unpin': { id: string }
  /** A post, and with it all that is said in its thread, leaves what everyone reads. */
  'post.hide': { id: string; reason: string }
  'post.show': { id: string }
}

export interface Queries {
  /** Messages older than number `before` (null: the newest), newest first. */
  history: { before?: number | null; limit?: number }
  /** Ideas, remarks and messages of the room that hold the words, best first. */
  search: { text: string; offset?: number; limit?: number }
  /** Pairs of ideas that may say the same, likeliest first; for hosts. */
  duplicates: { limit?: number }
}

export interface CommunityQueries {
  /** Persons of the community from place `offset` on: by name, or best first those who say these words of themselves. */
  people: { text?: string; offset?: number; limit?: number }
  /** A person: their record, and `circles` {id, title} that we are both in. */
  person: { id: string }
  /** What there is for me: my circles {id, kind: circle, title, access, role, unread, first?}, and what concerns me, newest first {id, kind: notice, stream, title, why, fresh, post}. */
  home: Record<string, never>
  /** What I may read of the community that holds the words, newest first among those that hold them as typed, then all others: {id, kind, stream, title, record, mark}. `before`: the `mark` of the last that is known. */
  search: { text: string; before?: string | null; limit?: number }
}

export interface CircleQueries {
  /** What began a thread, below number `before` (null: the newest), newest first. */
  posts: { before?: number | null; limit?: number }
  /** What was replied to a post, below number `before` (null: the newest), newest first. */
  replies: { post: string; before?: number | null; limit?: number }
  /** Who is in the circle, by name, from place `offset` on: {id, name, role}. */
  people: { offset?: number; limit?: number }
  /** Ideas, remarks and messages of the room that hold the words, best first. */
  search: { text: string; offset?: number; limit?: number }
}

export interface Signals {
  cursor: { x: number; y: number }
  typing: { on?: string | null }
  hand: { up: boolean }
  burst: { kind: ReactionKind }
}
