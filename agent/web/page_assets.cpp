#include "agent/web/page.hpp"

namespace evenkeel::web {

std::string_view stylesheet() {
  return R"css(:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #17202a; --dim: #5b6875; --line: #dde2e8;
  --track: #e8ecf0; --fill: #1f8a8a; --warn: #b26a00; --bad: #c0362c; --good: #2c7a4b; --link: #0b6bcb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161c; --card: #1a2129; --ink: #e6ebf0; --dim: #97a4b1; --line: #2c3641;
    --track: #2a343f; --fill: #38b2ac; --warn: #e0a040; --bad: #f0705f; --good: #5bc08a; --link: #6cb2ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 62rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header, footer { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; }
header { justify-content: space-between; }
footer, .dim, time { color: var(--dim); font-size: .875rem; }
h1 { display: flex; align-items: center; gap: .5rem; margin: 0; font-size: 1.375rem; }
h1 img { width: 1.75rem; height: 1.75rem; }
h2 { margin: 0 0 .75rem; font-size: 1rem; }
h2 .dim { display: inline-block; margin-left: .5rem; font-weight: normal; }
a { color: var(--link); }
nav { display: flex; gap: 1rem; }
section, .status {
  margin: 1rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
}
.status { border-left: .375rem solid var(--dim); }
.status p { margin: 0; }
.status .words { font-size: 1.125rem; }
.words::first-letter { text-transform: uppercase; }
.status.good { border-left-color: var(--good); }
.status.warn { border-left-color: var(--warn); }
.status.bad { border-left-color: var(--bad); }
ul, ol { margin: 0; padding: 0; list-style: none; }
.nodes li { display: grid; grid-template-columns: 13rem 1fr 15rem; gap: 0 1rem; align-items: center; padding: .3rem 0; }
.nodes .figure { text-align: right; font-variant-numeric: tabular-nums; }
.nodes .note { grid-column: 2 / -1; margin: 0; font-size: .875rem; }
.bar { display: block; width: 100%; height: .875rem; }
.track { fill: var(--track); }
.fill { fill: var(--fill); }
.warn .fill { fill: var(--warn); }
.bad .fill { fill: var(--bad); }
.mark { stroke: var(--ink); stroke-width: 2; }
.warn .note, .badge.warn { color: var(--warn); }
.bad .note, .badge.bad { color: var(--bad); }
.badge.good { color: var(--good); }
.badge { padding: 0 .4rem; border: 1px solid; border-radius: .25rem; font-size: .8125rem; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { color: var(--dim); font-size: .875rem; font-weight: normal; }
td.name { white-space: normal; min-width: 8rem; }
tr > :last-child { padding-right: 0; }
.decisions > li { padding: .4rem 0; border-bottom: 1px solid var(--line); }
.decisions > li:last-child { border-bottom: 0; }
.decisions ul { padding-left: 1rem; font-size: .875rem; color: var(--dim); }
@media (max-width: 40rem) {
  .nodes li { grid-template-columns: 1fr auto; }
  .nodes li > :first-child .dim { display: block; }
  .nodes .bar { grid-row: 2; grid-column: 1 / -1; }
  .nodes .note { grid-column: 1 / -1; }
}
)css";
}

std::string_view icon() {
  return R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1f8a8a"/>
<path d="M6 11h20M16 6v5" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>
<path d="M6 11l-3 8h6zM26 11l-3 8h6z" fill="#fff"/>
<path d="M5 23c4 3 7-2 11 0s7 3 11 0" stroke="#fff" stroke-width="2.5" stroke-linecap="round" fill="none"/>
</svg>
)svg";
}

}  // namespace evenkeel::web
