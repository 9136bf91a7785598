/** What a participant comes to after joining, in one piece: a phone that joins waits for none of it. */

export { default as After } from './outcome/After.svelte'
export { default as Ballot } from './votes/Ballot.svelte'
export { default as Decisions } from './outcome/Decisions.svelte'
export { default as Me } from './people/Me.svelte'
export { default as Next } from './outcome/Next.svelte'
export { default as People } from './people/People.svelte'
export { default as Promoted } from './people/Promoted.svelte'
export { default as PulseAnswer } from './pulses/PulseAnswer.svelte'
