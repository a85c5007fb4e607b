// The server draws every figure and table. With each second's event the parts that changed are taken over from a new drawing; charts get the numbers alone.
const heard = document.querySelector('#heard-text');
const charts = window.pageCharts;
let drawing = false;

async function redraw() {
  if (drawing || document.hidden) return;
  drawing = true;
  try {
    const page = new DOMParser().parseFromString(await (await fetch('./')).text(), 'text/html');
    for (const part of document.querySelectorAll('[data-part]')) {
      const next = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!next || next.innerHTML === part.innerHTML) continue;
      const scrolled = [...part.querySelectorAll('.scroll')].map(s => s.scrollLeft);
      const focused = part.contains(document.activeElement);
      part.replaceChildren(...next.childNodes);
      part.querySelectorAll('.scroll').forEach((s, i) => { s.scrollLeft = scrolled[i] ?? 0; });
      if (focused) part.querySelector('[tabindex]')?.focus({ preventScroll: true });
    }
    const token = page.querySelector('input[name=token]').value; // another process may serve the page by now
    for (const input of document.querySelectorAll('input[name=token]')) input.value = token;
    for (const button of document.querySelectorAll('button')) button.disabled = page.getElementById(button.id).disabled;
    document.title = page.title;
  } finally {
    drawing = false;
  }
}

for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) heard.textContent = `The sample refused it (${answer.status})`;
      await redraw();
    } finally {
      button.removeAttribute('aria-busy');
    }
  });
}

const events = new EventSource('events');
events.addEventListener('history', e => charts.start(JSON.parse(e.data)));
events.addEventListener('answers', e => charts.answers(JSON.parse(e.data)));
events.addEventListener('point', e => {
  charts.add(JSON.parse(e.data));
  heard.textContent = `Live · ${new Date().toLocaleTimeString()}`;
  document.body.classList.add('live');
  document.body.classList.remove('lost');
  redraw().catch(() => {});
});
events.onerror = () => {
  heard.textContent = 'The sample does not answer: these are its last figures';
  document.body.classList.remove('live');
  document.body.classList.add('lost');
};
