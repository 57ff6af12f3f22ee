// Pages load nothing from other hosts: what they need is copied here from the locked packages, with every license.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "..", "static", "vendor");

const files = {
  "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
  "kern/kern.min.css": "@kern-ux/native/dist/kern.min.css",
  "kern/fonts/fira-sans.css": "@kern-ux/native/dist/fonts/fira-sans.css",
  "swagger-ui/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
  "swagger-ui/swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui/favicon-32x32.png": "swagger-ui-dist/favicon-32x32.png",
};

function copy(from, to) {
  mkdirSync(dirname(join(vendor, to)), { recursive: true });
  if (!/\.(js|css)$/.test(to)) return cpSync(from, join(vendor, to));
  // Source maps are not shipped, so nothing may point at one.
  const text = readFileSync(from, "utf8").replace(/\n?\/[/*]# sourceMappingURL=[^\n*]*(\*\/)?\s*$/, "\n");
  writeFileSync(join(vendor, to), text);
}

function copyFontsOf(stylesheet) {
  const source = join(modules, files[stylesheet]);
  for (const [, font] of readFileSync(source, "utf8").matchAll(/url\("?\.\/([^")]+)"?\)/g)) {
    copy(join(dirname(source), font), join(dirname(stylesheet), font));
  }
}

function refuseOtherHosts() {
  for (const stylesheet of Object.keys(files).filter((name) => name.endsWith(".css"))) {
    const text = readFileSync(join(vendor, stylesheet), "utf8");
    const foreign = text.match(/(@import\s+|url\(\s*)["']?\s*(https?:)?\/\/[^"')]*/i);
    if (foreign) throw new Error(`${stylesheet} loads from another host: ${foreign[0]}`);
  }
}

// Every package whose code ends up in a browser, bundled ones included.
function shippedPackages() {
  const locked = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8")).packages;
  return Object.keys(locked).filter((path) => path && !locked[path].dev).map((path) => join(here, path));
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const body = texts.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return `${name} ${version}\nLicense: ${license}\n\n${body || "(The package names its license and ships no text.)"}`;
}

function writeLicenses() {
  const fonts = readFileSync(join(here, "licenses", "fira-sans-OFL-1.1.txt"), "utf8").trim();
  const entries = [...shippedPackages().filter(existsSync).map(licenseOf), `Fira Sans\nLicense: OFL-1.1\n\n${fonts}`];
  const rule = `\n\n${"=".repeat(78)}\n\n`;
  const head = "Software and fonts under this folder, or bundled into its files, and their licenses.";
  writeFileSync(join(vendor, "LICENSES.txt"), [head, ...entries].join(rule) + "\n");
}

rmSync(vendor, { recursive: true, force: true });
for (const [to, from] of Object.entries(files)) copy(join(modules, from), to);
copyFontsOf("kern/fonts/fira-sans.css");
refuseOtherHosts();
writeLicenses();
