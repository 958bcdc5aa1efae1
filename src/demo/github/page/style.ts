/** One look for all pages; colours follow the reader's light or dark setting. */
export const style = `
:root { color-scheme: light dark; --bg:#f7f7f9; --card:#fff; --line:#dfe1e8; --soft:#eff0f5; --text:#1d2130; --dim:#666c80; --link:#4a3fd6;
  --green:#1a7f4b; --green-bg:#e3f5eb; --red:#c2303a; --red-bg:#fdebec; --violet:#6b46d6; --violet-bg:#efe9fd; --amber:#96690a; --amber-bg:#fcf3dc;
  --grey:#666c80; --grey-bg:#eceef3; --shadow:0 1px 2px rgb(20 24 40/.05) }
@media (prefers-color-scheme: dark) { :root { --bg:#0f1117; --card:#171a23; --line:#2a2f3d; --soft:#1e222d; --text:#e7e9f0; --dim:#969db2; --link:#a59cff;
  --green:#4fc98a; --green-bg:#15302a; --red:#ff7b83; --red-bg:#38191f; --violet:#b197fc; --violet-bg:#2a2147; --amber:#e5b75a; --amber-bg:#352b15;
  --grey:#969db2; --grey-bg:#242936; --shadow:none } }
* { box-sizing: border-box }
body { margin:0; background:var(--bg); color:var(--text); font:15px/1.55 Inter,system-ui,-apple-system,"Segoe UI",sans-serif; overflow-wrap:anywhere }
a { color:var(--link); text-decoration:none } a:hover { text-decoration:underline }
a:focus-visible, summary:focus-visible { outline:2px solid var(--link); outline-offset:2px; border-radius:4px }
.top { background:var(--card); border-bottom:1px solid var(--line) }
.top > div, main { max-width:60rem; margin:0 auto; padding:0 1rem }
.top > div { display:flex; flex-wrap:wrap; gap:.2rem .6rem; align-items:center; padding-top:.75rem; padding-bottom:.75rem }
.top .home { display:flex; gap:.5rem; align-items:center; font-weight:600; color:var(--text) }
.top .home i { width:.85rem; height:.85rem; border-radius:50%; border:.24rem solid var(--link) }
.top .crumbs { color:var(--dim) } .top .crumbs a { font-weight:600 }
h1 { font-size:1.6rem; line-height:1.25; font-weight:600; margin:1.6rem 0 .6rem; letter-spacing:-.01em } h1 span { color:var(--dim); font-weight:400 }
h2 { font-size:1rem; margin:1.6rem 0 .5rem }
code, pre, .sha { font-family:ui-monospace,"JetBrains Mono","DejaVu Sans Mono",Menlo,monospace; font-size:.85em }
.meta { display:flex; flex-wrap:wrap; gap:.5rem .7rem; align-items:center; padding-bottom:1.1rem; border-bottom:1px solid var(--line); color:var(--dim) }
.badge { display:inline-flex; gap:.4rem; align-items:center; padding:.28rem .75rem; border-radius:2rem; font-weight:600; font-size:.88rem; color:#fff }
.badge svg { width:1em; height:1em; flex:none }
.badge.open { background:#1f8a54 } .badge.merged { background:#7650dc } .badge.closed { background:#cb3a44 } .badge.draft { background:#6b7183 }
.ref { background:var(--soft); color:var(--link); padding:.1rem .45rem; border-radius:.4rem; font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace; font-size:.83em }
.label { border:1px solid var(--line); border-radius:2rem; padding:0 .6rem; font-size:.8rem; background:var(--soft) }
.timeline { position:relative; padding:1.2rem 0 .2rem }
.timeline::before { content:""; position:absolute; top:1.2rem; bottom:0; left:4.15rem; border-left:2px solid var(--line); z-index:-1 }
.item { display:grid; grid-template-columns:2.5rem minmax(0,1fr); gap:.9rem; margin-bottom:1rem } .avatar { display:block; flex:none }
.card { background:var(--card); border:1px solid var(--line); border-radius:.65rem; box-shadow:var(--shadow); overflow:hidden }
.card > header { display:flex; flex-wrap:wrap; gap:0 .4rem; padding:.55rem .95rem; background:var(--soft); border-bottom:1px solid var(--line); color:var(--dim); font-size:.9rem }
.card > header b { color:var(--text) } .bot { border:1px solid var(--line); border-radius:1rem; padding:0 .5rem; font-size:.78rem; align-self:center }
.event { display:flex; gap:.7rem; align-items:center; margin:0 0 1rem 3.4rem; padding-left:.35rem; color:var(--dim); font-size:.9rem }
.event > i { flex:none; width:.8rem; height:.8rem; border-radius:50%; background:var(--bg); border:2px solid var(--dim); margin-left:0 }
.event > .what { min-width:0; flex:1; color:var(--text); overflow:hidden; text-overflow:ellipsis; white-space:nowrap }
.event.end > .what { white-space:normal } .event.merged > i { background:var(--violet); border-color:var(--violet) } .event.closed > i { background:var(--red); border-color:var(--red) }
.body { padding:.85rem .95rem } .body > :first-child { margin-top:0 } .body > :last-child { margin-bottom:0 }
.body p, .body ul, .body ol, .body table, .body pre, .body details, .body blockquote { margin:.7rem 0 } .body img { max-width:100% }
.body h1 { font-size:1.35rem } .body h2 { font-size:1.15rem } .body h3 { font-size:1.02rem } .body h1, .body h2, .body h3, .body h4 { margin:1.1rem 0 .5rem; line-height:1.3 }
.body table { display:block; width:max-content; max-width:100%; overflow-x:auto; border-collapse:collapse }
.body th, .body td { border:1px solid var(--line); padding:.4rem .8rem; text-align:left; overflow-wrap:normal } .body th { background:var(--soft) } .body th:empty { padding:0 }
.body code { background:var(--soft); padding:.12rem .35rem; border-radius:.35rem } .body pre { background:var(--soft); padding:.8rem .95rem; border-radius:.5rem; overflow-x:auto }
.body pre code { background:none; padding:0 } .body summary { cursor:pointer; font-weight:600 } .body blockquote { margin-left:0; padding-left:.9rem; border-left:3px solid var(--line); color:var(--dim) }
.body hr { border:0; border-top:1px solid var(--line); margin:1rem 0 } .body sub { color:var(--dim) }
.deploys { margin:.3rem 0 2.5rem 3.4rem } .deploys .lead { display:flex; gap:.8rem; align-items:center; padding:.9rem .95rem } .deploys .lead b { display:block }
.dot { flex:none; width:2rem; height:2rem; border-radius:50%; display:grid; place-items:center } .dot svg { width:1.1rem; height:1.1rem }
.good { color:var(--green); background:var(--green-bg) } .bad { color:var(--red); background:var(--red-bg) } .busy { color:var(--amber); background:var(--amber-bg) } .off { color:var(--grey); background:var(--grey-bg) }
.row { display:flex; flex-wrap:wrap; gap:.35rem .7rem; align-items:center; padding:.65rem .95rem; border-top:1px solid var(--line); font-size:.92rem }
.row .state { border-radius:1rem; padding:.05rem .6rem; font-size:.8rem; font-weight:600 } .row .dim, .dim { color:var(--dim) } .row .links { margin-left:auto; display:flex; gap:.9rem; align-items:center }
.button { border:1px solid var(--line); border-radius:.45rem; padding:.2rem .7rem; background:var(--soft); font-weight:600 }
.deploys details > summary { padding:.6rem .95rem; border-top:1px solid var(--line); color:var(--dim); cursor:pointer; font-size:.9rem }
.list { list-style:none; margin:0; padding:0 } .list li { display:flex; flex-wrap:wrap; gap:.2rem .7rem; padding:.65rem .95rem; border-top:1px solid var(--line) } .list li:first-child { border-top:0 }
.list .grow { flex:1; min-width:12rem } .none { padding:.9rem .95rem; color:var(--dim) }
.spin { animation:spin 1.6s linear infinite; transform-origin:50% 50% } @keyframes spin { to { transform:rotate(360deg) } }
@media (prefers-reduced-motion: reduce) { .spin { animation:none } }
@media (max-width:40rem) { .item { grid-template-columns:minmax(0,1fr) } .item > .avatar { display:none } .event, .deploys { margin-left:0 } .timeline::before { display:none }
  h1 { font-size:1.3rem; margin-top:1.1rem } .row .links { margin-left:0; width:100% } }
`;
