/** The look of a conversation, in a file and on the page: light or dark as the system says, narrow or wide, printed. */
export const conversationStyle = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c1c1e;--soft:#59595f;--line:#d5d5da;--pane:#f5f5f7;--user:#0b57a4;
--model:#7a3e00;--good:#1a6b2c;--bad:#b3151d;--warn:#8a5300;--add:#e2f5e5;--del:#fde5e6;--mark:#fff3bf;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--bg:#161618;--fg:#e9e9ec;--soft:#a5a5ad;--line:#3a3a40;--pane:#212125;
--user:#7db8f5;--model:#f0b375;--good:#79d18b;--bad:#ff8a8a;--warn:#f2bd5c;--add:#14331b;--del:#431a1d;--mark:#4d4310;
--link:#7db8f5}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg);overflow-wrap:anywhere}
body{margin:0}
main{max-width:62rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;line-height:1.3;margin:.5rem 0}
h3,.h1,.h2{font-size:1.05rem;margin:1rem 0 .4rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,pre:focus-visible,.wide:focus-visible{outline:2px solid var(--link);outline-offset:2px}
p,ul,ol,pre,blockquote,table{margin:.5rem 0}
pre,code{font:.86rem/1.45 ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace}
pre{background:var(--pane);border:1px solid var(--line);border-radius:6px;padding:.6rem .7rem;overflow:auto;max-height:32rem;
white-space:pre-wrap}
:not(pre)>code{background:var(--pane);border-radius:4px;padding:.05rem .25rem}
pre pre,pre code{background:none;border:0;padding:0}
blockquote{border-left:3px solid var(--line);padding-left:.8rem;color:var(--soft)}
table{border-collapse:collapse}
td,th{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
.wide{overflow:auto}
img{max-width:100%;height:auto;border:1px solid var(--line);border-radius:6px}
.said{border-left:4px solid var(--model);padding:.1rem 0 .1rem .9rem;margin:1.1rem 0;content-visibility:auto;
contain-intrinsic-size:auto 8rem}
.said.user{border-color:var(--user)}
.said.system{border-color:var(--line);color:var(--soft)}
.said.failed{border-color:var(--bad)}
.said header{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:baseline;font-size:.86rem;color:var(--soft)}
.said header h2{font-size:.95rem;margin:0}
.said header a{color:var(--model);text-decoration:none}
.said.user header a{color:var(--user)}
.said header a:hover{text-decoration:underline}
.hit,:target{background:var(--mark);outline:6px solid var(--mark);border-radius:2px}
details.call,details.more{margin:.35rem 0 .35rem 1.1rem;font-size:.92rem}
summary{cursor:pointer;padding:.1rem 0}
summary code{background:none}
.outcome{font-size:.8rem;font-weight:600;color:var(--warn)}
.ok>summary .outcome{color:var(--good)}
.failed>summary .outcome{color:var(--bad)}
.more>summary{color:var(--soft)}
.compaction{margin:2rem 0;padding:.4rem;border-top:3px double var(--warn);color:var(--warn);text-align:center}
.damaged{margin:1rem 0;padding:.5rem .8rem;border:2px solid var(--bad);border-radius:6px;color:var(--bad);font-weight:600}
.tokens,.where,footer{color:var(--soft);font-size:.86rem}
.tokens{text-align:right;margin:.2rem 0}
.file{font-size:1.1rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
.edit .path{font:600 .86rem ui-monospace,monospace;margin:.4rem 0 0}
.diff{white-space:pre;line-height:1.4}
.diff span{display:block}
.added{background:var(--add)}
.removed{background:var(--del)}
.sign{font:600 .75em ui-monospace,monospace;color:var(--bad);border:1px solid var(--bad);border-radius:3px;padding:0 .2em}
.card,.cards li{border:1px solid var(--line);border-radius:6px;padding:.5rem .8rem;background:var(--pane)}
.cards{list-style:none;padding:0;display:grid;gap:.5rem}
nav.pages{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:1rem 0}
.prompts{padding-left:1.6rem}
.prompts li{margin:.15rem 0}
@media(max-width:40rem){main{padding:.6rem}.said{padding-left:.6rem}details.call,details.more{margin-left:.3rem}}
@media print{pre{max-height:none}.said{content-visibility:visible}}
`
