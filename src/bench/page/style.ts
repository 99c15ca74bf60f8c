/**
 * The page's style sheet. The colours of the series are those of Okabe and Ito, told apart with every kind of colour vision, darkened or
 * lightened to stand out from the ground; symbols tell series apart too.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fcfcfb; --card: #ffffff; --ink: #1d2127; --faint: #626a75; --line: #c3c8cf; --grid: #e8eaed; --mark: #fff3c9;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #009e73; --series-3: #cc79a7; --series-4: #8a6d00;
  --series-5: #3aa0d8; --series-6: #555b65; --series-7: #7a3fa0; --series-8: #a8324a; --series-9: #4f7a28;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --card: #1b1f25; --ink: #e6e9ed; --faint: #9aa3af; --line: #4a525d; --grid: #2b3139; --mark: #4a3f14;
    --series-0: #4ba9e6; --series-1: #f08a3c; --series-2: #2fc79a; --series-3: #e29cc4; --series-4: #e3c446;
    --series-5: #9ad4f5; --series-6: #b7bec8; --series-7: #b98ae0; --series-8: #ef7d92; --series-9: #9dcc6c;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 4rem; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
main, header, nav > ul { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.4rem; margin: 3rem 0 .25rem; }
h3 { font-size: 1.02rem; margin: 0 0 .5rem; }
p { max-width: 46rem; margin: .5rem 0; }
a { color: var(--series-0); }
code { font: .92em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.faint { color: var(--faint); }
nav { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--grid); margin-top: 1.5rem; }
nav > ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding-top: .6rem; padding-bottom: .6rem; }
nav a { text-decoration: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 1rem 0; }
dt { color: var(--faint); }
dd { margin: 0; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); gap: 1.25rem; margin: 1rem 0; }
figure { margin: 0; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--grid); border-radius: .6rem; min-width: 0; }
.chart { display: block; width: 100%; min-width: 30rem; height: auto; font-family: inherit; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--faint); }
.missing { font-size: .82rem; line-height: 1.4; max-width: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; margin: .5rem 0; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
th { font-weight: 600; }
td .spread { display: block; color: var(--faint); font-size: .92em; }
td.best { background: var(--mark); font-weight: 600; }
td.without { color: var(--faint); white-space: normal; min-width: 8rem; }
.leaders th, .leaders td { text-align: left; white-space: normal; }
.leaders td.level { color: var(--faint); }
.swatch { display: inline-block; width: .7em; height: .7em; border-radius: .15em; margin-right: .4em; }
.failed { border-left: 4px solid var(--series-8); padding-left: 1rem; }
footer { max-width: 84rem; margin: 3rem auto 2rem; padding: 0 1.5rem; color: var(--faint); font-size: .9rem; }
@media print { nav { display: none; } figure { break-inside: avoid; } }
`;
