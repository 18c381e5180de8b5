// Character references of HTML: &amp; &#39; &#x27;. Numeric ones in full; of the 2,231 names only those that occur in prompts and
// captions. An unknown name stays as it is.

const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
  ["copy", "\u00a9"],
  ["reg", "\u00ae"],
  ["deg", "\u00b0"],
  ["times", "\u00d7"],
  ["eacute", "\u00e9"],
  ["ndash", "\u2013"],
  ["mdash", "\u2014"],
  ["lsquo", "\u2018"],
  ["rsquo", "\u2019"],
  ["ldquo", "\u201c"],
  ["rdquo", "\u201d"],
  ["hellip", "\u2026"],
  ["trade", "\u2122"],
]);

// longest real name is 31 characters, longest code point 7 digits: what is longer is no reference
const REFERENCE = /&(?:#(\d{1,7});?|#[xX]([0-9a-fA-F]{1,6});?|([A-Za-z]{1,31});)/g;

function character(code: number): string {
  // HTML's rule: not a character -> U+FFFD
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? "\ufffd" : String.fromCodePoint(code);
}

/** `text` with its character references replaced, once. */
export function decodeHtmlReferences(text: string): string {
  return text.replace(REFERENCE, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    return NAMED.get(name ?? "") ?? whole;
  });
}
