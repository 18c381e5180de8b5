// The report's HTML without its data: landmarks, headings and empty places that the page's own script fills. The policy forbids every request
// but to what lies in the file itself.

export interface PageParts {
  /** Plain text. */
  readonly title: string;
  readonly style: string;
}

const POLICY = [
  "default-src 'none'",
  "img-src data: blob:",
  "style-src 'unsafe-inline'",
  "script-src 'unsafe-inline' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Up to where data and scripts follow. */
export function pageHead({ title, style }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#pictures">Skip to the pictures</a>
<header class="top">
<h1 id="title"></h1>
<p id="about"></p>
<nav aria-label="Sections"><a href="#advice">Advice</a> <a href="#pictures">Pictures</a> <a href="#charts">Charts</a> <a href="#numbers">Numbers</a> <a href="#reach">Reach</a></nav>
</header>
<main>
<noscript><p class="finding error">This report needs JavaScript, which is in this file; it loads nothing from anywhere.</p></noscript>
<section id="advice" aria-labelledby="advice-title">
<h2 id="advice-title">What this run advises</h2>
<div id="goals" class="goals"></div>
</section>
<section id="pictures" aria-labelledby="pictures-title">
<div class="line"><h2 id="pictures-title">Pictures</h2><p id="count" role="status"></p></div>
<div id="controls" class="controls" role="search"></div>
<ul id="gallery" class="gallery"></ul>
<nav id="pages" class="pages" aria-label="Pages of pictures"></nav>
</section>
<section id="charts" aria-labelledby="charts-title">
<h2 id="charts-title">Charts</h2>
<div id="charts-area"></div>
</section>
<section id="numbers" aria-labelledby="numbers-title">
<h2 id="numbers-title">Numbers</h2>
<p class="asks">Means over prompts and seeds; choose a heading to sort by it.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers-title"><table id="numbers-table"></table></div>
</section>
<section id="reach" aria-labelledby="reach-title">
<h2 id="reach-title">How far this reaches</h2>
<div class="columns">
<div><h3>The guide's advice, beside this run</h3><ul id="guide"></ul></div>
<div><h3>Not tried</h3><ul id="open"></ul></div>
<div><h3>Licences</h3><ul id="licences"></ul></div>
<div><h3>Notes</h3><ul id="notes"></ul></div>
</div>
<h3>What the scores are</h3>
<p class="asks">No score here judges beauty or whether a picture shows what was asked: look at the pictures. Quality is exp(−sum of penalties) for being softer, harsher, noisier, burnt or tinted beside the many-step picture of the same seed.</p>
<dl id="definitions"></dl>
</section>
</main>
<dialog id="viewer" aria-labelledby="viewer-title"></dialog>
`;
}

export function pageEnd(scripts: string): string {
  return `${scripts}</body>\n</html>\n`;
}

/** JSON inside a script element: no text can end the element or open a comment in it. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
