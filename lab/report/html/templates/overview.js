// Charts of all cases: columns of the page's data in, what the chart library draws out.

const DATA = JSON.parse(document.getElementById("data").textContent);
const CROWDED = DATA.labels.length > 60;
const WIDE_SPAN = 20; // beyond this a linear axis hides the small ones

// The chart library reads a little HTML in every text: names are names, not markup.
function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function three(value) {
  return value === null || value === undefined ? "-" : String(Number(Number(value).toPrecision(3)));
}

function axisType(values) {
  const known = values.filter((value) => value > 0);
  return Math.max(...known) / Math.min(...known) > WIDE_SPAN ? "log" : "linear";
}

// 1, 2 and 5 of each power of ten; where there are many powers, only the 1.
function logTicks(values) {
  const powers = values.filter((value) => value > 0).map((value) => Math.floor(Math.log10(value)));
  const [first, last] = [Math.min(...powers) - 1, Math.max(...powers) + 1];
  const steps = last - first > 4 ? [1] : [1, 2, 5];
  return Array.from({ length: last - first + 1 }, (_, place) => steps.map((step) => Number(`${step}e${first + place}`))).flat();
}

function measured(title, values) {
  if (axisType(values) === "linear") return { title: { text: title }, type: "linear", rangemode: "tozero" };
  const ticks = logTicks(values);
  return { title: { text: `${title} (logarithmic)` }, type: "log", tickvals: ticks, ticktext: ticks.map(String) };
}

// A slot per profile, cases side by side in it.
function slots() {
  const names = DATA.places.profiles;
  return {
    xaxis: { tickvals: names.map((_, slot) => slot), ticktext: names.map(plain), range: [-0.5, names.length - 0.5], showgrid: false, zeroline: false, autotickangles: [0, -45, -90], ticklabeloverflow: "allow" },
    shapes: names.slice(1).map((_, slot) => ({
      type: "line", xref: "x", x0: slot + 0.5, x1: slot + 0.5, yref: "paper", y0: 0, y1: 1, line: { color: colours().line, width: 1 },
    })),
  };
}

function dots(rows, y, colour, symbol, text, name) {
  return {
    type: "scatter", mode: "markers", name: plain(name), x: rows.map((row) => DATA.places.at[row]), y,
    marker: { color: colour, symbol, size: CROWDED ? 5 : 9, line: { color: colours().paper, width: 1 } },
    text: text.map(plain), hovertemplate: "%{text}<extra></extra>",
  };
}

function spread(columns, title, unit) {
  const { groups, group } = DATA.places;
  const data = groups.map((name, place) => {
    const rows = DATA.labels.map((_, row) => row).filter((row) => group[row] === place && columns.median[row] !== null);
    const said = rows.map((row) => `${DATA.labels[row]}: ${three(columns.median[row])} ${unit}, ${three(columns.low[row])} to ${three(columns.high[row])}`);
    return {
      ...dots(rows, rows.map((row) => columns.median[row]), colours().series[place], SYMBOLS[place], said, name),
      error_y: {
        type: "data", symmetric: false, thickness: 1.5, width: CROWDED ? 0 : 4, color: colours().series[place],
        array: rows.map((row) => columns.high[row] - columns.median[row]),
        arrayminus: rows.map((row) => columns.median[row] - columns.low[row]),
      },
    };
  });
  return { data, layout: { ...slots(), yaxis: measured(title, columns.median), showlegend: groups.length > 1 } };
}

function roundTrips() {
  const { ping, tcp } = DATA.rtt;
  const data = [["ping, before the run", ping], ["TCP, at the end of the run", tcp]].map(([name, values], place) => {
    const rows = DATA.labels.map((_, row) => row).filter((row) => values[row] !== null);
    const said = rows.map((row) => `${DATA.labels[row]}: ${name} ${three(values[row])} ms`);
    return dots(rows, rows.map((row) => values[row]), colours().series[place], ["circle", "diamond-open"][place], said, name);
  });
  return { data, layout: { ...slots(), yaxis: measured("round trip in ms", [...ping, ...tcp]), showlegend: true } };
}

function band(ends) {
  const edge = (share, fill) => ({
    type: "scatter", mode: "lines", x: ends, y: ends.map((end) => end * share), hoverinfo: "skip", showlegend: false,
    line: { width: 0 }, ...(fill ? { fill: "tonexty", fillcolor: colours().band } : {}),
  });
  const middle = { ...edge(1), line: { color: colours().quiet, width: 1, dash: "dot" } };
  return [edge(0.8), edge(1.2, true), middle];
}

function prediction() {
  const { predicted, measured: took } = DATA.prediction;
  const rows = DATA.labels.map((_, row) => row).filter((row) => predicted[row] !== null);
  const isOff = (row) => Math.abs(took[row] / predicted[row] - 1) > 0.2;
  const all = rows.flatMap((row) => [predicted[row], took[row]]);
  const kinds = [["within 20 %", rows.filter((row) => !isOff(row))], ["over 20 % apart", rows.filter(isOff)]];
  const data = kinds.map(([name, those], place) => ({
    ...dots(those, those.map((row) => took[row]), colours().series[place], SYMBOLS[place * 2],
      those.map((row) => `${DATA.labels[row]}: predicted ${three(predicted[row])} s, measured ${three(took[row])} s`), name),
    x: those.map((row) => predicted[row]),
  }));
  const axis = measured("s", all);
  const layout = {
    xaxis: { ...axis, title: { text: axis.title.text.replace("s", "predicted duration in s") } },
    yaxis: { ...axis, title: { text: axis.title.text.replace("s", "measured duration in s") } },
    showlegend: true,
  };
  return { data: [...band([Math.min(...all) * 0.8, Math.max(...all) * 1.25]), ...data], layout };
}

const OVERVIEW = {
  "first-image": () => spread(DATA.first_image, "first image in s", "s"),
  throughput: () => spread(DATA.throughput, "throughput in Mbit/s", "Mbit/s"),
  predicted: prediction,
  rtt: roundTrips,
};
