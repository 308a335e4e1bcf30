// What npm's mjml knows and makes; benchmarks/npm_mjml.py calls it. JSON comes in, JSON goes out.
//
//     node npm_mjml.mjs FOLDER_OF_NODE_MODULES rules|compile|time

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, task] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const mjml = require("mjml");
const { initializeType } = require("mjml-core");
const { components, dependencies } = require("mjml-preset-core");

const html = async (source) => (await mjml(source, { validationLevel: "skip" })).html;

// Read off the source: the root and four more tags have no component of their own.
const WITHOUT_COMPONENT = {
  mjml: attributesOfTheRoot(),
  "mj-all": {},
  "mj-class": { name: "string" },
  "mj-selector": { path: "string" },
  "mj-html-attribute": { name: "string" },
};

function attributesOfTheRoot() {
  const source = readFileSync(require.resolve("mjml-core"), "utf8");
  const names = [...source.matchAll(/\(mjml, 'attributes\.(\w+)'/g)].map((found) => found[1]);
  return Object.fromEntries(names.map((name) => [name, "string"]));
}

function rules() {
  const tags = Object.fromEntries(
    Object.entries(WITHOUT_COMPONENT).map(([tag, attributes]) => [tag, { attributes, html: tag === "mj-html-attribute" }]),
  );
  for (const component of components)
    tags[component.componentName] = {
      attributes: component.allowedAttributes || {},
      html: Boolean(component.endingTag),
    };
  for (const [tag, rule] of Object.entries(tags))
    rule.children = (dependencies[tag] || []).filter((child) => typeof child === "string");
  const types = new Set(Object.values(tags).flatMap((rule) => Object.values(rule.attributes)));
  types.delete("string");
  tags["mj-attributes"].children = ["mj-all", "mj-class"]; // and any other, by a pattern
  return {
    mjml: require("mjml/package.json").version,
    types: Object.fromEntries([...types].map((type) => [type, patterns(type)])),
    tags,
  };
}

function patterns(type) {
  const checker = new (initializeType(type))("");
  return checker.matchers.map((one) => (one.flags.includes("i") ? "(?i)" : "") + one.source);
}

// As people call it: no options, so it validates "soft" and does not minify.
async function time({ source, turns }) {
  const milliseconds = []; // of the processor, for all threads of this process; and on the clock
  for (let turn = 0; turn < turns; turn++) {
    const [began, clock] = [process.cpuUsage(), performance.now()];
    await mjml(source);
    const { user, system } = process.cpuUsage(began);
    milliseconds.push([(user + system) / 1000, performance.now() - clock]);
  }
  return milliseconds;
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const tasks = { rules, time, compile: (sources) => Promise.all(sources.map(html)) };
process.stdout.write(JSON.stringify(await tasks[task](asked)));
