/** The report's own look: light and dark by what the reader prefers, light on paper. */
export const styles = `
:root { color-scheme: light dark; --bg: #f5f7f9; --card: #fff; --ink: #16202b; --quiet: #5b6875; --line: #dbe1e7; --grid: #e8edf1;
  --good: #12784a; --good-soft: #e3f5ec; --bad: #c02536; --bad-soft: #fdeaec; --warn: #9a5b00; --warn-soft: #fdf1dc; --blue: #0a64b0; --blue-soft: #e2effa; --violet: #6a3fc0; --fault: #d9480f; --fault-soft: #d9480f1c; }
@media (prefers-color-scheme: dark) { :root { --bg: #0c1015; --card: #12171e; --ink: #e6edf3; --quiet: #93a1af; --line: #27303a; --grid: #1c242d;
  --good: #4cc38a; --good-soft: #10291f; --bad: #ff7b86; --bad-soft: #341419; --warn: #f0b455; --warn-soft: #2e2210; --blue: #56b6f7; --blue-soft: #10263a; --violet: #b79bff; --fault: #ff8a4c; --fault-soft: #ff8a4c26; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 0 0 6px; overflow-wrap: anywhere; }
h3 small { color: var(--quiet); font-weight: 400; margin-left: 6px; }
p { margin: 0 0 8px; max-width: 76ch; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); } .bad-text { color: var(--bad); fill: var(--bad); }
header { margin-bottom: 24px; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--quiet); font-size: 13px; margin: 12px 0 0; padding: 0; list-style: none; }
.facts b { color: var(--ink); font-weight: 600; }
.verdict { display: flex; gap: 16px; align-items: center; border-radius: 12px; padding: 18px 22px; margin: 20px 0 0; border: 1px solid transparent; }
.verdict svg { flex: none; width: 40px; height: 40px; }
.verdict strong { font-size: 20px; line-height: 1.25; display: block; }
.verdict.good { background: var(--good-soft); color: var(--good); border-color: color-mix(in srgb, var(--good) 35%, transparent); }
.verdict.bad { background: var(--bad-soft); color: var(--bad); border-color: color-mix(in srgb, var(--bad) 35%, transparent); }
.verdict.warn { background: var(--warn-soft); color: var(--warn); border-color: color-mix(in srgb, var(--warn) 35%, transparent); }
.verdict ul { margin: 6px 0 0; padding: 0 0 0 18px; color: var(--ink); font-size: 14px; }
.verdict li { overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px; margin: 0 0 18px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 8px 12px 8px 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-weight: 600; font-size: 12px; border-top: 0; padding-top: 4px; }
tbody th { font-weight: 600; min-width: 7em; overflow-wrap: break-word; } table + table { margin-top: 18px; }
td small { display: block; color: var(--quiet); font-size: 12.5px; line-height: 1.4; }
.nowrap { white-space: nowrap; font-variant-numeric: tabular-nums; }
.pill { display: inline-block; border-radius: 999px; padding: 1px 9px; font-size: 12px; font-weight: 600; white-space: nowrap; }
.pill.good { background: var(--good-soft); color: var(--good); } .pill.bad { background: var(--bad-soft); color: var(--bad); } .pill.none { background: var(--grid); color: var(--quiet); }
.figure { display: block; width: 100%; height: auto; margin-top: 12px; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } .scroll .figure { min-width: 720px; }
.grid { stroke: var(--grid); } .axis { stroke: var(--line); } .tick { fill: var(--quiet); font-size: 11px; } .lane { fill: var(--ink); font-weight: 600; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; vector-effect: non-scaling-stroke; } .area { opacity: 0.14; }
.line.rate { stroke: var(--blue); } .area.rate, .dot.rate { fill: var(--blue); }
.line.errors { stroke: var(--bad); } .area.errors, .dot.errors { fill: var(--bad); }
.line.p95 { stroke: var(--violet); } .area.p95, .dot.p95 { fill: var(--violet); }
.shade { fill: var(--fault-soft); }
.worst { stroke: var(--bad); stroke-dasharray: 3 3; } .worst-dot { fill: var(--bad); }
.bar { fill: var(--blue); } .bar.probe { fill: var(--good); } .bar.action { fill: var(--blue); } .bar.bad { fill: var(--bad); } .bar.fault { fill: var(--fault); } .bar.span { fill: var(--blue); opacity: 0.8; }
.in-bar { fill: var(--card); font-weight: 600; font-size: 11.5px; } .by-bar { fill: var(--ink); font-size: 11.5px; }
.services td { width: 28%; padding: 6px 12px 6px 0; } .services th { white-space: nowrap; padding-top: 14px; } .services thead th { padding-top: 4px; }
.spark { display: flex; align-items: center; gap: 8px; } .spark svg { width: 100%; height: 40px; min-width: 60px; } .most { flex: none; width: 58px; font-size: 12px; color: var(--quiet); font-variant-numeric: tabular-nums; } .most.bad-text { color: var(--bad); font-weight: 600; }
.edge { fill: none; stroke: var(--quiet); opacity: 0.55; } .edge.idle { stroke: var(--line); opacity: 1; } .edge.bad { stroke: var(--bad); opacity: 1; } .edge.slow { stroke: var(--warn); opacity: 1; }
.tip { fill: var(--quiet); } .tip.bad { fill: var(--bad); }
.node rect { fill: var(--card); stroke: var(--line); stroke-width: 1.4; } .node .name { fill: var(--ink); font-weight: 600; font-size: 12.5px; } .node .kind { fill: var(--quiet); font-size: 10.5px; }
.node.good circle { fill: var(--good); } .node.quiet circle { fill: var(--line); } .node.bad circle { fill: var(--bad); } .node.bad rect { stroke: var(--bad); } .node.bad .kind, .node.faulty .kind { fill: var(--bad); font-weight: 600; } .node.store rect { fill: var(--bg); }
.label rect { fill: var(--card); stroke: var(--bad); } .label text { fill: var(--bad); font-size: 11px; font-weight: 600; } .label.slow rect { stroke: var(--warn); } .label.slow text { fill: var(--warn); }
.span-name { fill: var(--ink); font-size: 12px; } .span-name.bad-text { fill: var(--bad); }
.trace { margin-top: 18px; } .trace + .trace { border-top: 1px solid var(--line); padding-top: 16px; }
details > summary { cursor: pointer; font-weight: 600; font-size: 18px; }
pre { font: 12px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: 12px 0 0; }
footer { color: var(--quiet); font-size: 12.5px; }
@media (max-width: 640px) { main { padding: 20px 14px 48px; } section { padding: 16px 14px; } .most { width: 48px; } }
@media print { :root { --bg: #fff; --card: #fff; --ink: #16202b; --quiet: #5b6875; --line: #dbe1e7; --grid: #e8edf1; --good: #12784a; --good-soft: #e3f5ec; --bad: #c02536; --bad-soft: #fdeaec; --warn: #9a5b00; --warn-soft: #fdf1dc;
  --blue: #0a64b0; --blue-soft: #e2effa; --violet: #6a3fc0; --fault: #d9480f; --fault-soft: #d9480f1c; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } main { padding: 0; max-width: none; } section { break-inside: avoid; border-color: #ccc; } section.long { break-inside: auto; } tr, .trace { break-inside: avoid; } details:not([open]) { display: none; } .scroll .figure { min-width: 0; } }
`;
