// uPlot for what happens each second, ECharts for the answers. Colours are the page's own, light and dark.
window.pageCharts = (() => {
  const kept = 900, shown = 300;
  const stacked = [['insert', 'created', '--c1'], ['update', 'updated', '--c2'], ['delete', 'deleted', '--c3'], ['snapshot', 'read', '--c5']];
  const kinds = {
    'plot-events': { lines: stacked, stack: true },
    'plot-lag': { lines: [['changes', 'lagEvents', '--c3']] },
    'plot-latency': { lines: [['p50', 'latency50', '--c4'], ['p95', 'latency95', '--c1'], ['p99', 'latency99', '--c3']], unit: ' ms' },
    'plot-batch': { lines: [['rows', 'batchRows', '--c1']], bars: true },
    'plot-flush': { lines: [['p50', 'flush50', '--c4'], ['p95', 'flush95', '--c2']], unit: ' ms' },
  };
  let points = [], plots = [], answers = [], answerCharts = new Map();
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = n => n == null ? '–' : Math.abs(n) >= 1e6 ? `${+(n / 1e6).toFixed(1)}M` : Math.abs(n) >= 1e4 ? `${+(n / 1e3).toFixed(0)}k` : `${+n.toFixed(n < 10 ? 1 : 0)}`;

  const reading = (point, field, unit) => point?.[field] == null ? '–' : short(point[field]) + (unit ?? '');

  function data(kind) {
    const last = points.slice(-shown);
    const columns = kind.lines.map(([, field]) => last.map(p => p[field]));
    if (kind.stack) for (let i = 1; i < columns.length; i++) columns[i] = columns[i].map((v, at) => v + columns[i - 1][at]);
    return [last.map(p => p.at / 1000), ...columns];
  }

  function build() {
    plots.forEach(p => p.plot.destroy());
    plots = Object.entries(kinds).map(([id, kind]) => {
      const at = document.getElementById(id);
      at.querySelector('noscript')?.remove();
      const axis = { stroke: color('--soft'), grid: { stroke: color('--grid'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
      // The upper of stacked areas are drawn first, so that the lower ones stay visible.
      const series = kind.lines.map(([label, field, name]) => ({
        label, stroke: color(name), width: 1.5, spanGaps: true, points: { show: false },
        fill: kind.stack || kind.lines.length === 1 ? color(name) + (kind.stack ? 'cc' : '33') : undefined,
        paths: kind.bars ? uPlot.paths.bars({ size: [0.8, 12] }) : undefined,
        value: (u, v, s, i) => reading(i == null ? points.at(-1) : points.slice(-shown)[i], field, kind.unit), // without a pointer the newest
      }));
      const bands = kind.stack ? kind.lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : undefined;
      const plot = new uPlot({
        width: at.clientWidth, height: 180, series: [{ value: (u, v) => v == null ? '' : new Date(v * 1000).toLocaleTimeString() }, ...series], bands,
        scales: { y: { range: (u, min, max) => [0, Math.max(max ?? 1, 1) * 1.1] } },
        axes: [{ ...axis, space: 70, size: 28, values: (u, ticks) => ticks.map(t => new Date(t * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })) }, { ...axis, size: 46, values: (u, ticks) => ticks.map(short) }],
        legend: { live: true }, cursor: { drag: { x: false } },
      }, data(kind), at);
      return { at, kind, plot };
    });
  }

  function answerOption(answer) {
    const vertical = answer.view === 'v_sales_year_on_year';
    const labels = answer.rows.map(r => r.label), text = { color: color('--soft'), fontSize: 11 };
    const names = { type: 'category', data: labels, axisLabel: { ...text, width: 130, overflow: 'truncate' }, axisTick: { show: false }, axisLine: { lineStyle: { color: color('--line') } }, inverse: !vertical };
    const values = { type: 'value', axisLabel: { ...text, formatter: short }, splitLine: { lineStyle: { color: color('--grid') } }, splitNumber: 3 };
    const bars = (name, field, tone) => ({ name, type: 'bar', data: answer.rows.map(r => r[field] == null ? null : +r[field]), itemStyle: { color: color(tone), borderRadius: 2 }, barGap: '10%', barMaxWidth: 22 });
    return {
      animation: false, aria: { enabled: true, decal: { show: false } }, textStyle: { fontFamily: 'inherit' },
      legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 10, textStyle: text }, grid: { left: 4, right: 12, top: 28, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow' }, backgroundColor: color('--card'), borderColor: color('--line'), textStyle: { color: color('--ink'), fontSize: 12 } },
      [vertical ? 'xAxis' : 'yAxis']: names, [vertical ? 'yAxis' : 'xAxis']: values,
      series: [bars('PostgreSQL', 'source', '--c1'), bars('ClickHouse', 'target', '--c2')],
    };
  }

  function drawAnswers() {
    for (const answer of answers) {
      const at = document.getElementById(`chart-${answer.view}`);
      if (!answer.rows.length) continue;
      if (!answerCharts.has(answer.view)) {
        at.style.height = '250px';
        answerCharts.set(answer.view, echarts.init(at));
      }
      answerCharts.get(answer.view).setOption(answerOption(answer), true);
    }
  }

  const update = () => plots.forEach(p => p.plot.setData(data(p.kind)));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { build(); drawAnswers(); });
  addEventListener('resize', () => {
    plots.forEach(p => p.plot.setSize({ width: p.at.clientWidth, height: 180 }));
    answerCharts.forEach(c => c.resize());
  });
  return {
    start(history) { points = history; build(); },
    add(point) { points.push(point); if (points.length > kept) points.shift(); if (!document.hidden) update(); },
    answers(next) { answers = next; drawAnswers(); },
  };
})();
