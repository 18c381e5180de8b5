// Names out of files, made safe to print: quoted, cut, and with control, bidirectional and other invisible characters escaped, so that a
// hostile name can neither rewrite a terminal line nor fill it.

/** The longest real tensor name is about 120 characters; beyond this a message would be a page. */
const SHOWN_LENGTH = 160;

/** `name` in double quotes for a message. */
export function showName(name: string): string {
  const cut = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}...` : name;
  const escaped = cut.replace(/["\\]|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
  return `"${escaped}"`;
}
