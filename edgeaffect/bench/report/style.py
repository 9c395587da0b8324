"""Style sheet of the HTML report."""

CSS = """
:root{--bg:#fbfaf8;--card:#fff;--ink:#1d2026;--soft:#666d78;--line:#e2e0da;--accent:#c2410c;--dot:#2f6f8f;
--s0:#2f6f8f;--s1:#c2410c;--s2:#5b8c3e;--s3:#8a5a9e;--s4:#b08a1e;--s5:#5f6b7a;--good:#2e7d32;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#15171b;--card:#1d2026;--ink:#e8e6e1;--soft:#9aa1ac;--line:#33373f;
--accent:#ff8a4c;--dot:#7fc4e6;--s0:#7fc4e6;--s1:#ff8a4c;--s2:#9ccc65;--s3:#c79be0;--s4:#e6c35c;
--s5:#a9b4c2;
--good:#81c784;--bad:#ff8a80}
}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:880px;margin:0 auto;padding:20px 16px 60px}
h1{font-size:1.55rem;margin:0 0 4px;line-height:1.2}
h2{font-size:1.05rem;margin:0 0 12px}
h3{font-size:.9rem;margin:14px 0 4px;color:var(--soft);font-weight:600}
.sub,.caption,footer{color:var(--soft);font-size:.84rem}
.sub{margin:0}
.caption{margin:6px 0 0}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;margin:16px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}
.card{background:var(--card);border:1px solid var(--line);border-top:3px solid var(--accent);border-radius:10px;
padding:12px 14px}
.card b{display:block;font-size:1.45rem;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{display:block;font-size:.85rem}
.card small{display:block;color:var(--soft);line-height:1.35;margin-top:2px}
.chart svg{display:block;min-width:520px}
.wide{overflow-x:auto}
td small{display:block;color:var(--soft);white-space:normal}
table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums;min-width:100%}
th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
th{color:var(--soft);font-weight:600}
tr.slower td:nth-child(2){color:var(--bad);font-weight:600}
tr.faster td:nth-child(2){color:var(--good);font-weight:600}
dl{display:grid;grid-template-columns:minmax(90px,max-content) 1fr;gap:3px 14px;margin:10px 0 0;font-size:.88rem}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
ul{margin:0;padding-left:18px;font-size:.9rem}
ul.warning li{color:var(--bad)}
td.bad{color:var(--bad);font-weight:600}
td.good{color:var(--good)}
summary{cursor:pointer;font-size:.88rem;margin-top:8px}
@media (max-width:560px){main{padding:14px 10px 40px}section{padding:12px}dl{grid-template-columns:1fr}
dt{margin-top:6px}th,td{padding:4px 5px}table{font-size:.78rem}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc}body{font-size:11px}main{max-width:none;
padding:0}
section{border:0;padding:0;margin:14px 0}
.card,svg,tr,dl{break-inside:avoid}
h3{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}
summary{list-style:none}
h2,h2+.caption{break-after:avoid}
.wide{overflow:visible}
table{font-size:8.5px}
}
"""
