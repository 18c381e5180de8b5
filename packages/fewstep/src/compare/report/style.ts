// The report's look: one column that uses the width it has, light or dark as the reader's system is, contrast of 4.5 to 1 and more for text.

const COLOURS = `
:root { --back:#f6f7f9; --card:#ffffff; --ink:#16191d; --soft:#545c66; --line:#d5dae1; --accent:#2451b5; --on-accent:#ffffff;
  --good:#14663a; --good-back:#def3e6; --warn:#7a4b00; --warn-back:#fdefd3; --bad:#9d1c1c; --bad-back:#fde3e3; --note-back:#e6ecf8; --stage:#20242a;
  --tone-0:#2451b5; --tone-1:#9c3d0c; --tone-2:#0f6b54; --tone-3:#7a2f9e; --tone-4:#6b5a00; }
@media (prefers-color-scheme: dark) {
  :root { --back:#14171b; --card:#1d2126; --ink:#eceff3; --soft:#a8b1bc; --line:#363d46; --accent:#8fb2ff; --on-accent:#10131a;
    --good:#86dba8; --good-back:#16341f; --warn:#f0c274; --warn-back:#3a2b0d; --bad:#ff9d9d; --bad-back:#421a1a; --note-back:#222c42; --stage:#0b0d10;
    --tone-0:#8fb2ff; --tone-1:#ffab7a; --tone-2:#6fd6b4; --tone-3:#d7a6f5; --tone-4:#e3cf6a; }
}`;

const BASE = `
* { box-sizing:border-box; }
[hidden] { display:none !important; }
html { scroll-behavior:smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior:auto; } }
body { margin:0; background:var(--back); color:var(--ink); font:16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap:anywhere; }
.top, main { max-width:1500px; margin:0 auto; padding:0 24px; }
.top { padding-top:28px; }
h1 { font-size:1.9rem; line-height:1.2; margin:0 0 4px; }
h2 { font-size:1.3rem; margin:0 0 12px; }
h3 { font-size:1rem; margin:16px 0 6px; }
section { margin:36px 0; scroll-margin-top:16px; }
p { margin:0 0 8px; }
a { color:var(--accent); }
#about, .asks, #count { color:var(--soft); }
nav a { margin-right:16px; }
ul, ol { padding-left:20px; margin:0; }
.line { display:flex; gap:16px; align-items:baseline; }
.skip { position:absolute; left:-999px; }
.skip:focus { left:16px; top:16px; background:var(--card); padding:8px 12px; z-index:2; }
.offscreen { position:absolute; left:-999px; }
:focus-visible { outline:3px solid var(--accent); outline-offset:2px; }
button, select, input { font:inherit; color:inherit; }
button, select, input[type=search] { background:var(--card); border:1px solid var(--line); border-radius:8px; padding:6px 12px; min-height:36px; }
button { cursor:pointer; }
button:hover:not(:disabled) { border-color:var(--accent); }
button:disabled { opacity:.55; cursor:default; }
button[aria-pressed=true] { background:var(--accent); color:var(--on-accent); border-color:var(--accent); }
.chip { display:inline-block; border-radius:999px; padding:1px 10px; font-size:.8rem; font-weight:600; background:var(--note-back); white-space:nowrap; }
.chip.winner, .chip.agrees { background:var(--good-back); color:var(--good); }
.chip.warning, .chip.no-clear-winner, .chip.undecided { background:var(--warn-back); color:var(--warn); }
.chip.error, .chip.disagrees { background:var(--bad-back); color:var(--bad); }
.finding { border-left:4px solid var(--line); background:var(--note-back); padding:8px 12px; border-radius:0 8px 8px 0; font-size:.92rem; }
.finding.warning { border-color:var(--warn); background:var(--warn-back); }
.finding.error { border-color:var(--bad); background:var(--bad-back); }`;

const ADVICE = `
.goals { display:grid; grid-template-columns:repeat(auto-fit, minmax(270px, 1fr)); gap:16px; }
.goal { background:var(--card); border:1px solid var(--line); border-radius:12px; padding:16px; font-size:.94rem; }
.goal header { display:flex; justify-content:space-between; align-items:center; gap:8px; }
.goal h3 { margin:0; font-size:1.05rem; }
.goal p { margin-bottom:6px; }
.goal .pick { font-size:1.12rem; font-weight:650; line-height:1.3; margin-bottom:2px; }
.goal .value { color:var(--soft); } .goal .value strong { color:var(--ink); font-size:1.5rem; font-variant-numeric:tabular-nums; }
.goal .level { font-weight:600; margin-bottom:2px; } .goal ul { padding-left:18px; }
.intervals { list-style:none; padding:0; display:grid; gap:10px; }
.intervals li { display:grid; gap:2px; font-size:.86rem; }
.scale { position:relative; height:14px; margin:0 6px; background:linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }
.interval { position:absolute; top:5px; height:4px; border-radius:2px; background:var(--accent); opacity:.45; min-width:2px; }
.mean { position:absolute; top:2px; width:10px; height:10px; margin-left:-5px; border-radius:50%; background:var(--accent); }
.goal.winner { border-top:4px solid var(--good); }
.goal.no-clear-winner { border-top:4px solid var(--warn); }
.goal details { margin-top:6px; }
summary { cursor:pointer; color:var(--accent); font-weight:600; }
.columns { display:grid; grid-template-columns:repeat(auto-fit, minmax(300px, 1fr)); gap:8px 36px; }
.columns p { color:var(--soft); font-size:.9rem; }
#guide { list-style:none; padding:0; }
dl { display:grid; grid-template-columns:minmax(150px, max-content) 1fr; gap:4px 20px; margin:0; }
dt { font-weight:600; } dd { margin:0; color:var(--soft); }
@media (max-width:640px) { dl { grid-template-columns:1fr; } dd { margin-bottom:6px; } }`;

const PICTURES = `
.controls { display:flex; flex-wrap:wrap; gap:12px; margin-bottom:18px; align-items:end; }
.controls label, .toolbar label { display:flex; flex-direction:column; font-size:.8rem; color:var(--soft); font-weight:600; }
.controls select { max-width:260px; color:var(--ink); font-weight:400; font-size:.95rem; }
.controls input { min-width:230px; color:var(--ink); font-weight:400; font-size:.95rem; }
.gallery { list-style:none; padding:0; display:grid; grid-template-columns:repeat(auto-fill, minmax(220px, 1fr)); gap:18px; }
.card { background:var(--card); border:1px solid var(--line); border-radius:12px; overflow:hidden; display:flex; flex-direction:column; }
.card.reference { border-style:dashed; border-width:2px; }
.face { color:#e6eaf0; border:0; border-radius:0; padding:0; background:var(--stage); aspect-ratio:1; display:grid; place-items:center; }
.face img { width:100%; height:100%; object-fit:contain; display:block; }
.blank { display:flex; flex-direction:column; gap:6px; padding:16px; font-size:.85rem; text-align:center; color:#e6eaf0; align-self:stretch; justify-content:center; width:100%;
  background:repeating-linear-gradient(45deg, #2a2f37 0 12px, #242930 12px 24px); }
.blank.failed { background:repeating-linear-gradient(45deg, #4a2226 0 12px, #40191d 12px 24px); }
.card h3 { margin:10px 12px 2px; font-size:.95rem; line-height:1.3; }
.card .prompt { margin:0 12px 8px; font-size:.84rem; color:var(--soft); max-height:7.6em; overflow-y:auto; white-space:pre-wrap; }
.card .chips { margin:auto 12px 12px; display:flex; flex-wrap:wrap; gap:6px; }
.pages { display:flex; gap:16px; justify-content:center; align-items:center; margin-top:20px; }`;

const FIGURES = `
.chart { width:100%; max-width:1000px; display:block; background:var(--card); border:1px solid var(--line); border-radius:12px; margin:12px 0; }
.colour-0 { --tone:var(--tone-0); } .colour-1 { --tone:var(--tone-1); } .colour-2 { --tone:var(--tone-2); } .colour-3 { --tone:var(--tone-3); } .colour-4 { --tone:var(--tone-4); }
.chart text { font-size:12px; fill:var(--soft); }
.chart .rule { stroke:var(--line); stroke-width:.7; } .chart .spread { stroke:var(--tone); stroke-width:3; opacity:.4; stroke-linecap:round; }
.chart circle { fill:var(--tone); stroke:var(--card); stroke-width:2; } .chart .number { fill:var(--on-accent); font-weight:700; font-size:11px; }
#charts-area label { display:inline-flex; flex-direction:column; font-size:.8rem; color:var(--soft); font-weight:600; }
#charts-area select { color:var(--ink); font-weight:400; font-size:.95rem; }
.bars { list-style:none; padding:0; max-width:1000px; display:grid; gap:8px; }
.bars li { display:grid; grid-template-columns:24px minmax(110px, 34%) 1fr 84px; gap:12px; align-items:center; font-size:.92rem; }
.badge { background:var(--tone); color:var(--on-accent); border-radius:50%; width:24px; height:24px; display:grid; place-items:center; font-size:.76rem; font-weight:700; }
.track { background:var(--line); border-radius:6px; height:14px; } .bar { display:block; background:var(--tone); border-radius:6px; height:100%; min-width:2px; }
.amount { text-align:right; font-variant-numeric:tabular-nums; }
.scroll { overflow-x:auto; border:1px solid var(--line); border-radius:12px; background:var(--card); }
table { border-collapse:collapse; width:100%; font-size:.9rem; }
th, td { padding:7px 12px; text-align:right; border-bottom:1px solid var(--line); font-variant-numeric:tabular-nums; overflow-wrap:normal; }
td { white-space:nowrap; }
tbody tr:last-child > * { border-bottom:0; }
th[scope=row], th:first-child { text-align:left; font-weight:600; }
#numbers-table thead th { vertical-align:bottom; padding:0; }
#numbers-table tbody th { min-width:230px; }
#numbers-table thead button { border:0; background:none; padding:8px 12px; font-weight:650; width:100%; text-align:inherit; }
th[aria-sort=ascending] button::after { content:" ▲"; } th[aria-sort=descending] button::after { content:" ▼"; }`;

const VIEWER = `
dialog { border:1px solid var(--line); border-radius:14px; background:var(--card); color:var(--ink); width:min(1480px, 97vw); height:min(960px, 96vh); max-width:none; max-height:none; padding:16px 20px; }
dialog[open] { display:flex; flex-direction:column; gap:10px; }
dialog::backdrop { background:rgb(10 12 16 / .72); }
dialog header { display:flex; justify-content:space-between; gap:16px; align-items:start; }
dialog h2 { margin:0; font-size:1.15rem; }
.toolbar { display:flex; flex-wrap:wrap; gap:8px; align-items:end; }
.toolbar select { max-width:340px; color:var(--ink); font-weight:400; font-size:.95rem; }
.modes { display:flex; gap:4px; }
.body { display:grid; grid-template-columns:minmax(0, 1fr) 420px; gap:18px; flex:1; min-height:0; }
.body > div:first-child { display:flex; flex-direction:column; min-height:0; }
.stage { flex:1; min-height:220px; background:var(--stage); border-radius:10px; overflow:hidden; display:grid; place-items:center; cursor:grab; touch-action:none; }
.stage.side { grid-template-columns:1fr 1fr; gap:4px; }
.stage canvas { max-width:100%; max-height:100%; min-height:0; width:100%; height:100%; object-fit:contain; }
.reading { margin:8px 0 0; font-variant-numeric:tabular-nums; min-height:1.5em; } .keys { color:var(--soft); font-size:.82rem; margin:0; }
.details { overflow-y:auto; padding-right:6px; }
.details h3:first-child { margin-top:0; }
.figures th, .figures td { padding:4px 6px; font-size:.86rem; } .figures thead th { color:var(--soft); text-align:right; }
.figures td:nth-child(2) { max-width:220px; white-space:normal; }
pre { background:var(--back); border:1px solid var(--line); border-radius:8px; padding:10px; white-space:pre-wrap; font-size:.82rem; margin:8px 0; }
.details details { margin-bottom:8px; }
@media (max-width:1000px) { .body { grid-template-columns:1fr; overflow-y:auto; } .stage { min-height:50vh; } .details { overflow:visible; } }`;

export const STYLE = [COLOURS, BASE, ADVICE, PICTURES, FIGURES, VIEWER].join("\n");
