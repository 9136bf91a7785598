import { listed } from '../text/typeset'

/** What somebody does and where, in a line; '' where they have not said it. */
export function lineOf({ job = '', site = '' }: { readonly job?: string; readonly site?: string }): string {
  return listed(
    [job, site].filter((said) => said !== ''),
    ' · ',
  )
}
