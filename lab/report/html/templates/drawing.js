// Which chart is drawn when: at first, for another case, in another theme, on paper.

const PAPER_WIDTH_PX = 680;
const select = document.getElementById("case");
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset" };

// Its digest is in the page's policy: a browser runs nothing else in its place.
async function loadLibrary() {
  const packed = atob(document.getElementById("library").textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  document.head.append(element("script", await new Response(unpacked).text()));
}

function layoutOf(layout) {
  const { ink, line, axis, quiet } = colours();
  const axes = { gridcolor: line, linecolor: axis, tickcolor: axis, zerolinecolor: axis, automargin: true, ticks: "outside" };
  const narrow = innerWidth < 640;
  return {
    ...layout,
    xaxis: { ...axes, ...layout.xaxis },
    yaxis: { ...axes, ...layout.yaxis },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: narrow ? 12 : 13, color: ink },
    hoverlabel: { align: "left", bgcolor: colours().paper, bordercolor: quiet, font: { color: ink } },
    hovermode: "closest", dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, xanchor: "left", traceorder: "normal" },
    margin: { l: narrow ? 48 : 64, r: 12, t: layout.annotations?.length ? 42 : 12, b: 48 },
    width: printing ? PAPER_WIDTH_PX : undefined, autosize: !printing,
  };
}

function draw(id, figure) {
  const place = document.getElementById(id);
  if (figure.note !== undefined) document.getElementById(`${id}-note`).textContent = figure.note;
  if (figure.said) place.setAttribute("aria-label", figure.said);
  if (window.Plotly) Plotly.react(place, figure.data, layoutOf(figure.layout), CONFIG);
}

function fill(details, figure) {
  if (details.open) details.querySelector(".scroll").replaceChildren(tableOf(...figure.table));
}

// Older records lack some columns: null, or empty.
function showWhatThereIs(run) {
  const has = (columns) => columns !== null && columns.length !== 0;
  for (const part of document.querySelectorAll("[data-needs]")) part.hidden = !has(run[part.dataset.needs]);
  for (const part of document.querySelectorAll("[data-lacks]")) part.hidden = has(run[part.dataset.lacks]);
}

function drawCase() {
  if (!select) return;
  const row = Number(select.value);
  const run = DATA.runs[row];
  showWhatThereIs(run);
  for (const [id, figureOf] of Object.entries(ONE_CASE)) {
    if (document.getElementById(id).closest("[hidden]")) continue;
    const figure = figureOf(run, DATA.labels[row], DATA.rtt.ping[row]);
    draw(id, figure);
    const details = document.querySelector(`details[data-table="${id}"]`);
    if (!details) continue;
    details.ontoggle = () => fill(details, figure);
    fill(details, figure);
  }
}

function drawAll() {
  showTheme();
  for (const [id, figureOf] of Object.entries(OVERVIEW)) {
    if (document.getElementById(id)) draw(id, figureOf());
  }
  drawCase();
}

function onPaper(starts) {
  printing = starts;
  for (const details of document.querySelectorAll("details[data-print]")) {
    if (starts) details.dataset.wasOpen = details.open ? "yes" : "";
    details.open = starts || details.dataset.wasOpen === "yes";
  }
  drawAll();
}

themeButton.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  drawAll();
});
systemIsDark.addEventListener("change", drawAll);
addEventListener("beforeprint", () => onPaper(true));
addEventListener("afterprint", () => onPaper(false));
select?.addEventListener("change", drawCase);
document.getElementById("case-table").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-case]");
  if (!link) return;
  select.value = link.dataset.case;
  drawCase();
});
loadLibrary().then(drawAll, () => { document.getElementById("no-charts").hidden = false; drawAll(); });
