/**
 * Texts of people: what of a typed text is kept (SPEC.md, L3), and how it stands in the middle of ours (L7).
 * As protocol/text.py has it; protocol/vectors/texts.json says what both make of what.
 */

const INVISIBLE =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164' +
  '\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffc\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}'
const BLANK =
  ' \\t\\n\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000\\u{13441}\\u{13442}\\u{16fe4}\\u{1d159}'
/** What is drawn there: U+061C is not, nor will U+FDD0 to FDEF ever be. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u061b\\u061d-\\u08ff\\ufb1d-\\ufdcf\\ufdf0-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}'

const DOUBTFUL = new RegExp(
  `[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029${INVISIBLE}\\ufdd0-\\ufdef\\ufffe\\uffff]`,
  'u',
)
const LINES = /\r\n?|[\v\f\u0085\u2028\u2029]/g
const FLAG = /\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}/gu
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'gu')
const BLANKS = new RegExp(`[${BLANK}]+`, 'gu')
const JOINING = /[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]/u
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/u
const JAMO = /[\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u
const TURNED = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u')
const TURNS = new RegExp(`[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069${RIGHT_TO_LEFT}]`, 'u')

const POP = '\u202c'
const POP_ISOLATE = '\u2069'
const CLOSES: ReadonlyMap<string, string> = new Map([
  ...['\u202a', '\u202b', '\u202d', '\u202e'].map((open) => [open, POP] as const),
  ...['\u2066', '\u2067', '\u2068'].map((open) => [open, POP_ISOLATE] as const),
])

/** In NFC, without blanks around it and without signs that show nothing and carry no meaning; '' if nothing shows (L3). */
export function kept(typed: string): string {
  let text = typed.normalize('NFC')
  if (DOUBTFUL.test(text)) text = withoutInvisible(text.replace(LINES, '\n')).normalize('NFC')
  return text.replace(ENDS, '')
}

/** A name as it is kept: each blank in it one space. */
export function oneLine(typed: string): string {
  return kept(typed).replace(BLANKS, ' ')
}

function withoutInvisible(text: string): string {
  const turns = TURNED.test(text)
  const shown: string[] = []
  let done = 0
  const show = (part: string): void => {
    const signs = Array.from(part)
    signs.forEach((sign, n) => {
      const [before = '', after = ''] = [shown.at(-1)?.replace(BLANKS, ''), signs[n + 1]?.replace(BLANKS, '')]
      if (!DOUBTFUL.test(sign) || carriesMeaning(before, sign, after, turns)) shown.push(sign)
    })
  }
  for (const flag of text.matchAll(FLAG)) {
    show(text.slice(done, flag.index))
    shown.push(...flag[0])
    done = flag.index + flag[0].length
  }
  show(text.slice(done))
  return turns ? closed(shown.join('')) : shown.join('')
}

/** Whether an invisible sign changes how its neighbours look or read. */
function carriesMeaning(before: string, sign: string, after: string, turns: boolean): boolean {
  switch (sign) {
    case '\u200d':
      if (/[\p{So}\p{Sk}\ufe0f]/u.test(before)) return /[\p{So}\p{Sm}]/u.test(after) && !DOUBTFUL.test(after)
      return JOINING.test(before)
    case '\u200c':
      return JOINING.test(before)
    case '\u200b':
      return UNSPACED.test(before) && UNSPACED.test(after)
    case '\u115f':
    case '\u1160':
      return JAMO.test(before) || JAMO.test(after)
    case '\ufe0e':
    case '\ufe0f':
      return /[\p{S}\p{P}\p{N}]/u.test(before)
  }
  if (/[\u180b-\u180f]/.test(sign)) return /[\u1820-\u18aa]/.test(before)
  if (/[\ufe00-\ufe0d\u{e0100}-\u{e01ef}]/u.test(sign)) return /[\p{Lo}\p{S}]/u.test(before)
  return /[\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069]/.test(sign) && turns
}

/** Each mark of direction that is opened is closed, and none is closed that was not opened. */
export function closed(text: string): string {
  if (!TURNS.test(text)) return text
  const opened: string[] = []
  let told = ''
  for (const sign of text) {
    const end = CLOSES.get(sign)
    if (end) opened.push(end)
    else if (sign === POP) {
      if (opened.at(-1) !== POP) continue
      opened.pop()
    } else if (sign === POP_ISOLATE) {
      if (!opened.includes(POP_ISOLATE)) continue
      while (opened.pop() !== POP_ISOLATE) told += POP
    }
    told += sign
  }
  return told + opened.toReversed().join('')
}

/** A text of people as it stands in a line of ours: nothing of it turns what is around it (L7). */
export function isolated(text: string): string {
  return TURNS.test(text) ? `\u2068${closed(text)}${POP_ISOLATE}` : text
}
