import { conversationStyle } from "../view/render/style.ts"

/** What the page has beside a conversation. */
export const pageStyle = `${conversationStyle}
main>h2{font-size:1.1rem;margin:1.4rem 0 .4rem}
.top{position:sticky;top:0;z-index:1;display:flex;justify-content:space-between;align-items:center;gap:1rem;background:var(--bg);
border-bottom:1px solid var(--line);padding:.5rem 1rem}
.top nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.top a{text-decoration:none;padding:.2rem 0}
.top a[aria-current]{color:var(--fg);font-weight:600;border-bottom:2px solid var(--link)}
button,input,select{font:inherit;color:var(--fg);background:var(--pane);border:1px solid var(--soft);border-radius:5px;
padding:.15rem .55rem}
button{cursor:pointer;white-space:nowrap}
button:disabled{cursor:default;color:var(--soft)}
.danger{color:var(--bad);border-color:var(--bad)}
button:focus-visible,input:focus-visible,select:focus-visible{outline:2px solid var(--link);outline-offset:1px}
.hidden{display:none}
.trouble{background:var(--mark);margin:0;padding:.4rem 1rem}
.notice{border:1px solid var(--warn);border-radius:6px;color:var(--warn);padding:.4rem .8rem}
.filters{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:end;margin:.6rem 0}
.filters input{max-width:14rem}
.rows{list-style:none;padding:0}
.rows li{border-top:1px solid var(--line);padding:.5rem 0}
.rows p{margin:.15rem 0}
.need{font-size:.8rem;font-weight:600;border:1px solid var(--line);border-radius:4px;padding:0 .35rem;color:var(--soft)}
.need.crashed,.need.hung,.need.shrunk{color:var(--bad);border-color:var(--bad)}
.need.asking{color:var(--warn);border-color:var(--warn)}
.need.working{color:var(--good);border-color:var(--good)}
mark{background:var(--mark);color:inherit}
.chart{display:block;width:100%;background:var(--pane);border:1px solid var(--line);border-radius:6px;margin:.5rem 0}
.days{height:10rem}
.chart rect{fill:var(--link)}
.chart text{font-size:.75rem;fill:var(--fg)}
.sums{display:flex;flex-wrap:wrap;gap:.5rem 2rem}
.sums dt{color:var(--soft);font-size:.86rem}
.sums dd{margin:0;font-weight:600}
section.wide :is(td,th){white-space:nowrap;overflow-wrap:normal}
section.wide td{font-variant-numeric:tabular-nums;text-align:right}
section.wide tbody th{font-weight:400}
html{overflow-anchor:none}
.timeline{max-width:66rem}
.blocks .said{content-visibility:visible}
.actions pre{max-height:16rem}
.ask{border:2px solid var(--bad);border-radius:6px;padding:.6rem .8rem}
[id]{scroll-margin-top:4rem}
dialog{color:var(--fg);background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:1rem 1.4rem}
dialog dl div{display:flex;gap:1rem}
dialog dt{min-width:3.5rem}
dialog dd{margin:0}
@media(max-width:40rem){.top{padding:.4rem .6rem;gap:.5rem}.top nav{gap:.2rem .7rem}.filters input{max-width:100%}}
`
