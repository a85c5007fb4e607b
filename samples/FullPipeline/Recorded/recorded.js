// The server draws the page. This asks every few seconds whether anything changed, and then takes the new drawing.
const every = 3000;
const main = document.querySelector('main');
const heard = document.querySelector('#heard');

async function refresh() {
  try {
    const answer = await fetch('status.json');
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const status = await answer.json();
    if (status.revision !== main.firstElementChild.dataset.revision) await redraw();
    heard.textContent = `Checked ${new Date().toLocaleTimeString()}`;
    document.body.classList.remove('lost');
  } catch {
    heard.textContent = 'The sample does not answer: these are its last figures';
    document.body.classList.add('lost');
  }
  setTimeout(refresh, every);
}

async function redraw() {
  const page = new DOMParser().parseFromString(await (await fetch('./')).text(), 'text/html');
  main.replaceChildren(...page.querySelector('main').children);
  document.title = page.title;
}

setTimeout(refresh, every);
