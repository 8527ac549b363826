"use strict";
// Light, dark, or as the system says; on paper always light.

const SERIES = {
  light: ["#0072B2", "#D55E00", "#00805C", "#B0508A", "#7A6A00", "#3A3F47", "#2A8CC7"],
  dark: ["#56B4E9", "#F08A3C", "#2FC59A", "#DB8FBB", "#F0E442", "#C9D1D9", "#8FA8FF"],
};
const CHART = {
  light: { ink: "#1b232c", quiet: "#56616d", line: "#e1e6eb", axis: "#7d8894", paper: "#ffffff", band: "rgba(86,97,109,.14)", area: "rgba(0,114,178,.22)" },
  dark: { ink: "#e6eaee", quiet: "#a3afbb", line: "#2b343d", axis: "#76828e", paper: "#12161b", band: "rgba(163,175,187,.18)", area: "rgba(86,180,233,.25)" },
};
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star"];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");
let printing = false;

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemIsDark.matches;
}

function themeName() {
  return isDark() && !printing ? "dark" : "light";
}

function colours() {
  return { ...CHART[themeName()], series: SERIES[themeName()] };
}

function showTheme() {
  themeButton.setAttribute("aria-pressed", String(isDark()));
}
