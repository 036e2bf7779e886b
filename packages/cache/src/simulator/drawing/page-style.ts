/** The page around the charts. */
export const PAGE_STYLE = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .4rem}
h2{font-size:1.15rem;margin:0;overflow-wrap:anywhere}
.lead{color:var(--quiet);max-width:46rem;margin:0 0 1rem}
.facts{color:var(--quiet);margin:0 0 .6rem;font-size:.9rem}
section{padding:24px 0;border-top:1px solid var(--rule)}
.figure{display:grid;grid-template-columns:minmax(0,1fr) 230px;gap:24px;align-items:start}
.charts{cursor:crosshair;border-radius:8px;touch-action:pan-y}
.charts:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--p-lru,#0067a8);outline-offset:3px}
.chart{display:block;width:100%;height:auto}
.chart.narrow{display:none}
.cursor{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;opacity:0}
.ready .cursor{opacity:.7}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);font-size:.85rem;padding-bottom:6px}
.readout{width:100%}
.readout caption output{color:var(--ink);font-weight:600;white-space:nowrap}
.readout th{font-weight:400;text-align:left;padding:4px 0;white-space:nowrap}
.readout td{text-align:right;padding:4px 0}
.readout tr:first-child,.readout tr+tr{border-top:1px solid var(--rule)}
.readout tr[data-policy=adaptive]{font-weight:600}
.readout tr[data-policy=adaptive] th{font-weight:600}
.key{width:32px;height:8px;margin-right:10px;vertical-align:middle}
.key .line{fill:none}
.scroll{overflow-x:auto;margin-top:12px}
.scroll th,.scroll td{padding:4px 12px 4px 0;text-align:right;white-space:nowrap;font-size:.85rem;border-top:1px solid var(--rule)}
.scroll th:first-child{text-align:left}
summary{cursor:pointer;color:var(--quiet);margin-top:12px;width:max-content}
@media (max-width:760px){
main{padding:20px 16px 48px}
.figure{grid-template-columns:minmax(0,1fr);gap:12px}
.chart.wide{display:none}
.chart.narrow{display:block}
}
@media print{.chart.narrow{display:none}.chart.wide{display:block}}
`
