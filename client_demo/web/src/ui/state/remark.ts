/** The remark that is being written. It is apart from what is tested: a phone is sent that once something is. */

import type { CommandName, RemarkKind } from '../../sdk/api'
import type { Room } from './room.svelte'

/** The one remark that I am writing: on what, of what kind, and in which step it was begun. */
export interface Remark {
  on: string
  kind: RemarkKind | null
  text: string
  step: string
  /** The one of mine that is edited, instead of a new one. */
  edits: string
}

/** Whether a command holds the text of a remark. */
export const writesRemark = (cmd: CommandName): boolean => cmd === 'remark.add' || cmd === 'remark.edit'

export const remarkIn = (room: Room): Remark =>
  room.form('remark', () => ({ on: '', kind: null, text: '', step: '', edits: '' }) satisfies Remark as Remark)
