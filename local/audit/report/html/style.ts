/** The style of the page. Its hash is in the page's policy, so no other style applies. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --field: #f6f8fa; --link: #0550ae; --good: #116329; --bad: #a40e26; --warn: #7d4e00; --edge: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --text: #e6edf3; --soft: #9da7b1; --line: #30363d; --field: #161b22; --link: #79c0ff; --good: #56d364; --bad: #ff938a; --warn: #e3b341; --edge: #8b949e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1rem 1.25rem 4rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .5rem 0; } h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; } h4 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .25rem .5rem; }
nav ul { display: grid; gap: .15rem; padding: 0; margin: .5rem 0; list-style: none; }
code, pre { font: .875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: var(--field); border: 1px solid var(--line); border-radius: 4px; margin: .25rem 0; padding: .5rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; padding: .5rem 0 .25rem; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; } th { background: var(--field); font-weight: 600; } thead th { overflow-wrap: normal; } .list td:first-child { min-width: 9rem; } .list td:nth-child(2) { min-width: 8rem; }
.scroll { overflow-x: auto; max-width: 100%; }
.grid { width: auto; } .grid thead th { vertical-align: bottom; min-width: 5.5rem; max-width: 8rem; font-size: .8125rem; overflow-wrap: break-word; } .grid tbody th { position: sticky; left: 0; min-width: 8.5rem; max-width: 14rem; overflow-wrap: anywhere; font-size: .875rem; z-index: 1; } .grid td { font-size: .8125rem; min-width: 4.5rem; }
.grid details[open] { min-width: 17rem; } .grid ul { margin: .25rem 0; padding-left: 1rem; } .no { color: var(--soft); text-align: center; }
.verdict { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.holds { color: var(--good); } .fails { color: var(--bad); } .review { color: var(--warn); } .not { color: var(--soft); }
.ids { color: var(--soft); font-size: .8125rem; }
details.part { border: 1px solid var(--line); border-radius: 4px; margin: .35rem 0; padding: .35rem .6rem; } details.part > summary { cursor: pointer; } summary { cursor: pointer; }
tr.bad > * { background: color-mix(in srgb, var(--bad) 12%, var(--back)); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
svg { display: block; min-width: 60rem; width: 100%; height: auto; font: 12px system-ui, sans-serif; } svg text { fill: var(--text); } svg rect { fill: var(--field); stroke: var(--line); } svg path { fill: none; stroke: var(--edge); stroke-width: 1.25; } svg .keys path { stroke: var(--bad); stroke-width: 1.75; } svg a:hover path, svg a:focus path { stroke: var(--link); stroke-width: 3; } svg .head { font-weight: 600; }
ol.ways > li { margin: .5rem 0; }
@media (max-width: 40rem) { body { padding: .5rem .75rem 3rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; } .list thead { display: none; } .list, .list tbody, .list tr, .list th, .list td { display: block; } .list :is(th, td) { border-width: 0; min-width: 0; } .list tr { border: 1px solid var(--line); margin-bottom: .35rem; } ul, ol { padding-left: 1.25rem; } }
@media print { :root { color-scheme: light; --back: #fff; --text: #000; --soft: #444; --line: #999; --field: #eee; --link: #000; --good: #064; --bad: #900; --warn: #640; --edge: #555; } body { max-width: none; font-size: 10pt; } nav, .skip { display: none; } .scroll { overflow: visible; } .grid { font-size: 7pt; } .grid thead th, .grid td { min-width: 0; } svg { min-width: 0; } details.part::details-content { content-visibility: visible; block-size: auto; } tr, li { break-inside: avoid; } }
`;
