/** Palabre's client for browsers: `joinRoom` gives a token, `openRoom` a live room, `Client` several streams on one connection. */

export type * from './api'
export { Client } from './client'
export * from './accounts'
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
