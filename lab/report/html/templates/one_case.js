// Charts of the median run of one case. Each gives what is drawn, what is said of it, and its table.

const GAP_BINS_PER_DECADE = 20;
const DELAYED_ACK_MS = 40;
const FEW_READINGS_S = 5;
const MOST_NAMES = 12; // of phases; further ones are lines without a name

function labelled(title, extra = {}) {
  return { title: { text: title }, rangemode: "tozero", ...extra };
}

function phaseMarks(phases) {
  const inRun = phases.map(([name, at]) => [name, Math.max(0, at)]);
  return {
    shapes: inRun.map(([, at]) => ({ type: "line", x0: at, x1: at, yref: "paper", y0: 0, y1: 1, line: { color: colours().quiet, dash: "dot", width: 1.5 } })),
    annotations: inRun.slice(0, MOST_NAMES).map(([name, at], place) => ({ x: at, yref: "paper", y: 1, yshift: (place % 2) * 14, yanchor: "bottom", xanchor: "left", text: plain(name), showarrow: false, font: { color: colours().quiet } })),
  };
}

// Which instance each kept row was, as it was thinned.
function instanceNumbers({ of, end }) {
  const last = end.length - 1;
  return end.map((_, row) => (end.length === of ? row : Math.floor((row * (of - 1)) / last)) + 1);
}

function timelineOf(run, label) {
  const { unit_s: unit, end, took, by } = run.timeline;
  const numbers = instanceNumbers(run.timeline);
  const seconds = (count) => count * unit;
  const association = (row) => (by.length ? by[row] : 0);
  const kinds = [...new Set(end.map((_, row) => association(row)))].sort((one, other) => one - other);
  const data = kinds.map((kind, place) => {
    const rows = end.map((_, row) => row).filter((row) => association(row) === kind);
    const colour = colours().series[place % colours().series.length];
    return {
      type: "scatter", mode: "markers", name: `association ${kind + 1}`, marker: { color: colour, size: 4 },
      x: rows.map((row) => seconds(end[row])), y: rows.map((row) => numbers[row]),
      error_x: { type: "data", symmetric: false, array: rows.map(() => 0), arrayminus: rows.map((row) => seconds(took[row] ?? 0)), color: colour, thickness: 2, width: 0 },
      text: rows.map((row) => `instance ${numbers[row]}: ${took.length ? `${three(seconds(end[row] - took[row]))} to ` : ""}${three(seconds(end[row]))} s`),
      hovertemplate: "%{text}<extra></extra>",
    };
  });
  return {
    data,
    layout: { xaxis: labelled("s since the request"), yaxis: { title: { text: "instance" }, autorange: "reversed" }, showlegend: kinds.length > 1 && kinds.length <= 8, ...phaseMarks(run.phases) },
    said: `Timeline of ${label}: ${run.timeline.of} instances in ${three(seconds(end.at(-1)))} s, the first after ${three(seconds(end[0]))} s`,
    table: ["Times in s since the request", ["instance", "begin", "end", "association"],
      end.map((_, row) => [numbers[row], took.length ? three(seconds(end[row] - took[row])) : null, three(seconds(end[row])), association(row) + 1])],
  };
}

function gapsOf(run, label, pingMs) {
  const { first, counts } = run.gaps;
  const edge = (bin) => 10 ** ((first + bin) / GAP_BINS_PER_DECADE);
  const peak = Math.max(0, ...counts);
  const most = counts.indexOf(peak);
  const mark = (at, name) => ({
    type: "scatter", mode: "lines+text", x: [at, at], y: [0, peak * 1.08], text: ["", name], textposition: "top center", cliponaxis: false, hoverinfo: "skip", line: { color: colours().quiet, dash: "dot", width: 1.5 }, textfont: { color: colours().ink },
  });
  const marks = [[DELAYED_ACK_MS, "40 ms"], ...(pingMs > 0 ? [[pingMs, "round trip"]] : [])];
  const ticks = logTicks([edge(0), edge(counts.length), ...marks.map(([at]) => at)]);
  const steps = {
    type: "scatter", mode: "lines", line: { shape: "hv", color: colours().series[0], width: 1.5 }, fill: "tozeroy", fillcolor: colours().area,
    x: [...counts.map((_, bin) => edge(bin)), edge(counts.length)], y: [...counts, 0],
    text: counts.map((count, bin) => `${three(edge(bin))} to ${three(edge(bin + 1))} ms: ${count}`), hovertemplate: "%{text}<extra></extra>",
  };
  return {
    data: counts.length ? [steps, ...marks.map(([at, name]) => mark(at, name))] : [],
    layout: { xaxis: { title: { text: "gap in ms (logarithmic)" }, type: "log", tickvals: ticks, ticktext: ticks.map(String) }, yaxis: labelled("gaps", { range: [0, peak * 1.2 || 1] }), showlegend: false },
    said: counts.length ? `Gaps between images of ${label}: most are ${three(edge(most))} to ${three(edge(most + 1))} ms, the longest ends at ${three(edge(counts.length))} ms` : `Gaps: ${label} has one instance`,
    table: ["How many gaps there were of each length", ["from ms", "to ms", "gaps"],
      counts.map((count, bin) => [three(edge(bin)), three(edge(bin + 1)), count]).filter(([, , count]) => count)],
  };
}

function speedOf(run, label) {
  const { stretch_s: stretch, mbit_s: speeds } = run.speed;
  const at = [...speeds.map((_, place) => place * stretch), speeds.length * stretch];
  return {
    data: [{ type: "scatter", mode: "lines", line: { shape: "hv", color: colours().series[0], width: 1.5 }, fill: "tozeroy", fillcolor: colours().area, x: at, y: [...speeds, speeds.at(-1)], hovertemplate: "%{y:.3g} Mbit/s at %{x:.3g} s<extra></extra>" }],
    layout: { xaxis: labelled("s since the request"), yaxis: labelled("Mbit/s"), showlegend: false, ...phaseMarks(run.phases) },
    said: `Throughput of ${label} while it lasted: at most ${three(Math.max(0, ...speeds))} Mbit/s in ${three(stretch)} s, at least ${three(Math.min(...speeds))}`,
    table: ["Throughput in stretches of equal length", ["from s", "Mbit/s"], speeds.map((speed, place) => [three(at[place]), three(speed)])],
  };
}

// Pings go on until the run has been tidied away.
function withLastImage({ shapes, annotations }, at) {
  const mark = { type: "line", x0: at, x1: at, yref: "paper", y0: 0, y1: 1, line: { color: colours().quiet, width: 1 } };
  const name = { x: at, yref: "paper", y: 1, yanchor: "bottom", xanchor: "right", text: "last image", showarrow: false, font: { color: colours().quiet } };
  return { shapes: [...shapes, mark], annotations: [...annotations, name] };
}

function pingsOf(run, label, idleMs) {
  const { at_s: at, rtt_ms: took, answered, lost, highest_ms: highest } = run.pings;
  const idle = { type: "scatter", mode: "lines", name: "idle", x: [Math.min(0, at[0]), Math.max(run.duration_s, at.at(-1))], y: [idleMs, idleMs], hoverinfo: "skip", line: { color: colours().ink, dash: "dash", width: 1.5 } };
  const few = at.length < 100;
  const during = { type: "scatter", mode: few ? "lines+markers" : "lines", name: "while it lasted", x: at, y: took, marker: { size: 5 }, line: { color: colours().series[0], width: 1.5 }, hovertemplate: "%{y:.3g} ms at %{x:.3g} s<extra></extra>" };
  const counted = `${lost ? `${lost} of ${answered + lost} pings were lost` : `All of ${answered} pings were answered`}`;
  const drawn = at.length < answered ? `, ${at.length} of them are drawn, evenly taken` : "";
  return {
    data: at.length ? [...(idleMs > 0 ? [idle] : []), during] : [],
    layout: { xaxis: { title: { text: "s since the request" } }, yaxis: labelled("round trip in ms"), showlegend: false, ...withLastImage(phaseMarks(run.phases), run.duration_s) },
    said: `Round trip of ${label} while it lasted: at most ${three(highest)} ms, ${three(idleMs)} ms before it. ${counted}`,
    note: `${counted}${drawn}.`,
    table: [`Answers to pings, s since the request. ${counted}`, ["at s", "round trip ms"], at.map((moment, row) => [three(moment), three(took[row])])],
  };
}

// A rate is of the whole time between two readings, so it is drawn as steps; memory is of a moment.
function loadOf(run, label, columns, title, shape = "vh") {
  const from = shape === "vh" ? (values, first) => [first, ...values] : (values) => values;
  const lines = run.hosts.flatMap((host, place) => columns.filter(([key]) => host[key].length).map(([key, way, dash]) => ({
    type: "scatter", mode: "lines+markers", name: plain(`${host.host}${way}`), x: from(host.at_s, 0), y: from(host[key], host[key][0]),
    line: { color: colours().series[place % colours().series.length], dash, shape, width: 2 }, marker: { size: 4 },
    hovertemplate: "%{fullData.name}: %{y:.3g} at %{x:.3g} s<extra></extra>",
  })));
  const highest = lines.map((line) => `${line.name} ${three(Math.max(...line.y))}`);
  return {
    data: lines,
    layout: { xaxis: labelled("s since the first reading, just before the run"), yaxis: labelled(title), showlegend: lines.length > 1 },
    said: `${title}, ${label}, highest: ${highest.join(", ") || "not known"}`,
    table: ["Of each host, between two readings", ["host", "until s", "CPU cores", "memory MB", "in Mbit/s", "out Mbit/s"],
      run.hosts.flatMap((host) => host.at_s.map((at, row) => [host.host, three(at), ...["cores", "memory_mb", "in_mbit_s", "out_mbit_s"].map((key) => three(host[key][row]))]))],
  };
}

// A container is read once or twice a second, as the engine answers.
function shortRun(run) {
  return run.duration_s < FEW_READINGS_S ? `It took ${three(run.duration_s)} s and hosts are read once or twice a second: what they did before and after it is in these figures.` : "";
}

const ONE_CASE = {
  timeline: timelineOf,
  gaps: gapsOf,
  speed: speedOf,
  pings: pingsOf,
  cores: (run, label) => ({ ...loadOf(run, label, [["cores", "", "solid"]], "CPU cores"), note: shortRun(run) }),
  memory: (run, label) => loadOf(run, label, [["memory_mb", "", "solid"]], "memory in MB", "linear"),
  network: (run, label) => loadOf(run, label, [["in_mbit_s", " in", "solid"], ["out_mbit_s", " out", "dot"]], "network in Mbit/s"),
};
