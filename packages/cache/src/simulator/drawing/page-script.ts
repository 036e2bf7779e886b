/** Moves the cursor of a chart to the size that is pointed at or chosen by keys, and tells the values there. */
export const PAGE_SCRIPT = `
for (const section of document.querySelectorAll('section')) {
  const { sizes, curves } = JSON.parse(section.querySelector('script').textContent)
  const slider = section.querySelector('.charts')
  const charts = [...section.querySelectorAll('.chart')]
  const body = section.querySelector('.readout tbody')
  const output = section.querySelector('output')
  const dots = charts.flatMap((chart) =>
    [...chart.querySelectorAll('polyline')].map((line) => {
      const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle')
      dot.setAttribute('class', 'dot ' + line.classList[1])
      dot.setAttribute('r', 4)
      chart.append(dot)
      return { dot, line }
    }),
  )
  const rows = new Map([...body.rows].map((row) => [row.dataset.policy, row]))
  const show = (at) => {
    const sorted = [...curves].sort((a, b) => a.ratios[at] - b.ratios[at])
    output.textContent = sizes[at]
    for (const { policy, values } of sorted) {
      const row = rows.get(policy)
      row.cells[1].textContent = values[at]
      body.append(row)
    }
    for (const chart of charts) {
      const x = chart.dataset.xs.split(' ')[at]
      const cursor = chart.querySelector('.cursor')
      cursor.setAttribute('x1', x)
      cursor.setAttribute('x2', x)
    }
    for (const { dot, line } of dots) {
      const { x, y } = line.points.getItem(at)
      dot.setAttribute('cx', x)
      dot.setAttribute('cy', y)
    }
    slider.setAttribute('aria-valuenow', at)
    slider.setAttribute('aria-valuetext', sizes[at] + ': ' + sorted.map(({ policy, values }) => policy + ' ' + values[at]).join(', '))
  }
  const current = () => Number(slider.getAttribute('aria-valuenow'))
  slider.addEventListener('pointermove', (event) => {
    const chart = charts.find((one) => one.clientWidth > 0 || one.getBoundingClientRect().width > 0)
    const box = chart.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width
    const xs = chart.dataset.xs.split(' ').map(Number)
    show(xs.reduce((best, each, at) => (Math.abs(each - x) < Math.abs(xs[best] - x) ? at : best), 0))
  })
  slider.addEventListener('keydown', (event) => {
    const last = sizes.length - 1
    const targets = { ArrowLeft: current() - 1, ArrowDown: current() - 1, ArrowRight: current() + 1, ArrowUp: current() + 1, Home: 0, End: last }
    const target = targets[event.key]
    if (target === undefined) return
    event.preventDefault()
    show(Math.min(last, Math.max(0, target)))
  })
  show(current())
  slider.classList.add('ready')
}
`
