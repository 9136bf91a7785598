/**
 * Palabre's client for browsers: `joinRoom` gives a token, `openRoom` a live room. What communities need beside it, several streams on one
 * connection first of all, is in `community`: a page that follows a room carries nothing of it.
 */

export type * from './api'
export { Refused } from './errors'
export {
  createRoom,
  eraseMember,
  fetchReport,
  fetchTemplates,
  httpBase,
  joinRoom,
  openScreen,
  claim,
  inviteBack,
  readAgenda,
  readDoor,
  refresh,
  importRoom,
  rehearseRoom,
  demonstrateRoom,
  socketUrl,
  useLink,
} from './http'
export type { AgendaFile, Door, Entry, Links, Offer, PlannedStep, Purpose, ReportForm, StepWords, Template } from './http'
export { newId, randomId } from './ids'
export { bringImage, fetchImage } from './images'
export type { BroughtImage, ImagePurpose, ImageSize } from './images'
export { openRoom } from './room'
export { followBrowser } from './browser'
export { groupsOf, isOpen, standing } from './standing'
