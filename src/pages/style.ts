/** The one style of every page: system type, one column, one accent colour, light and dark by the reader's setting. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #f3f1ec; --ink: #1d1c1a; --soft: #68645d; --line: #e2dfd8; --accent: #0b6b5a; --bad: #a8321f;
  --c1: #a8321f; --c2: #2a6b2f; --c3: #7a5a00; --c4: #2554b0; --c5: #8a2d83; --c6: #0b6575;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161615; --card: #1f1f1d; --ink: #ecebe6; --soft: #a09c94; --line: #33322f; --accent: #6cc9b4; --bad: #f0917d;
    --c1: #f0917d; --c2: #8fcf8a; --c3: #e0c26a; --c4: #8fb3f5; --c5: #e2a0dc; --c6: #74cbd6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
header, main { width: 100%; max-width: 46rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.5rem; display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; font-size: .875rem; color: var(--soft); }
header b { color: var(--ink); font-weight: 600; letter-spacing: -.01em; }
header span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { flex: 1; padding-top: clamp(2.5rem, 9vh, 6rem); padding-bottom: 3rem; }
.state { display: flex; align-items: center; gap: .55rem; margin: 0 0 .75rem; font-size: .875rem; color: var(--soft); }
.state i { width: .55rem; height: .55rem; border-radius: 50%; background: var(--soft); flex: none; }
.state.coming i, .state.live i { background: var(--accent); }
.state.bad i { background: var(--bad); }
@media (prefers-reduced-motion: no-preference) {
  .state.coming i, .now .mark i { animation: breathe 1.6s ease-in-out infinite; }
  @keyframes breathe { 50% { opacity: .25; } }
}
h1 { margin: 0 0 .75rem; font-size: clamp(1.75rem, 5vw, 2.5rem); line-height: 1.15; font-weight: 650; letter-spacing: -.025em; text-wrap: balance; overflow-wrap: break-word; }
h2 { margin: 2.5rem 0 .6rem; font-size: .875rem; font-weight: 600; color: var(--soft); }
p { margin: 0 0 .75rem; max-width: 38rem; overflow-wrap: break-word; }
.lead { font-size: 1.0625rem; }
.quiet { color: var(--soft); font-size: .9375rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
code, pre, .log { font-family: var(--mono); font-size: .875rem; }
code { overflow-wrap: anywhere; }
.command { margin: 1rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
.command code { white-space: pre-wrap; }
.links { margin: 1rem 0 0; }
.links a, .lead a, dd a { display: inline-block; padding: .7rem 0; margin: -.7rem 0; }
.links a { margin: 0 1.25rem 0 0; }
dl { margin: 2rem 0 0; border-top: 1px solid var(--line); }
dl div { display: flex; gap: 1rem; padding: .55rem 0; border-bottom: 1px solid var(--line); font-size: .9375rem; }
dt { flex: 0 0 7.5rem; color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
ol { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); font-size: .9375rem; }
ol li { display: flex; gap: .75rem; align-items: baseline; padding: .45rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
ol .mark { flex: 0 0 .9rem; color: var(--accent); text-align: center; }
ol .mark i { display: inline-block; width: .5rem; height: .5rem; border-radius: 50%; background: var(--accent); }
ol .name { flex: 1; min-width: 0; overflow-wrap: anywhere; }
ol .time { color: var(--soft); font-size: .875rem; white-space: nowrap; }
ol .inner { padding-left: 1.65rem; }
ol .inner .name { font-family: var(--mono); font-size: .875rem; line-height: 1.6; }
ol .next { color: var(--soft); }
ol .failed .mark, ol .failed .name { color: var(--bad); }
pre, .log { margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); line-height: 1.55; overflow-wrap: anywhere; tab-size: 4; }
pre, .log .block { white-space: pre-wrap; }
.log:not(:has(.block)) { display: none; }
.log .block { content-visibility: auto; contain-intrinsic-height: auto 140rem; }
.log .block > div { min-height: 1.55em; }
.log .step { color: var(--accent); font-weight: 600; }
.log .note, .log .d { color: var(--soft); }
.log .gap { margin: .75rem 0; padding: .5rem 0; max-width: none; border: 1px dashed var(--line); border-width: 1px 0; color: var(--soft); text-align: center; }
.log .b { font-weight: 700; }
.log .i { font-style: italic; }
.log .u { text-decoration: underline; }
.log .s { text-decoration: line-through; }
.log .c1 { color: var(--c1); }
.log .c2 { color: var(--c2); }
.log .c3 { color: var(--c3); }
.log .c4 { color: var(--c4); }
.log .c5 { color: var(--c5); }
.log .c6 { color: var(--c6); }
.log .g1 { background: var(--c1); color: var(--card); }
.log .g2 { background: var(--c2); color: var(--card); }
.log .g3 { background: var(--c3); color: var(--card); }
.log .g4 { background: var(--c4); color: var(--card); }
.log .g5 { background: var(--c5); color: var(--card); }
.log .g6 { background: var(--c6); color: var(--card); }
.log .g7 { background: var(--ink); color: var(--card); }
@media (max-width: 30rem) {
  header, main { padding-left: 1.125rem; padding-right: 1.125rem; }
  dl div { flex-direction: column; gap: 0; }
  dt { flex: none; font-size: .875rem; }
  ol .inner { padding-left: .75rem; }
  pre, .log { padding: .75rem; }
}
`;
