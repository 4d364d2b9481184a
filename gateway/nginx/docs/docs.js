// One page for the five services: their OpenAPI documents are merged and shown by Swagger UI, or service by service.
"use strict";

const SERVICES = ["auth", "classroom", "grading", "lecture-chat", "files"];

async function fetched(service) {
  try {
    const response = await fetch(`/api/${service}/openapi.json`);
    return response.ok ? { service, document: await response.json() } : { service };
  } catch {
    return { service };
  }
}

// Two services may name a schema alike: each name gets its service's before it, and so do the references.
function renamed(service, document) {
  const text = JSON.stringify(document).replaceAll(
    /"#\/components\/(\w+)\/([^"/]+)/g, (_, kind, name) => `"#/components/${kind}/${kind === "securitySchemes" ? "" : service + "."}${name}`);
  const copy = JSON.parse(text);
  for (const [kind, items] of Object.entries(copy.components ?? {})) {
    if (kind !== "securitySchemes") {
      copy.components[kind] = Object.fromEntries(Object.entries(items).map(([name, item]) => [`${service}.${name}`, item]));
    }
  }
  return copy;
}

// Paths stand below each document's server; on the one page they stand below the gateway.
function tagged(service, { servers, paths = {} }) {
  for (const item of Object.values(paths)) {
    for (const operation of Object.values(item)) {
      if (operation && typeof operation === "object" && !Array.isArray(operation)) {
        operation.tags = [service];
        if (operation.operationId) operation.operationId = `${service}.${operation.operationId}`;
      }
    }
  }
  const prefix = servers?.[0]?.url ?? "";
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [prefix + path, item]));
}

function merged(answers) {
  const whole = {
    openapi: "3.1.0",
    info: { title: "Homeroom", version: "1" },
    tags: SERVICES.map((name) => ({ name })),
    paths: {},
    components: {},
  };
  for (const { service, document } of answers) {
    if (!document) continue;
    const copy = renamed(service, document);
    Object.assign(whole.paths, tagged(service, copy));
    for (const [kind, items] of Object.entries(copy.components ?? {})) {
      whole.components[kind] = { ...whole.components[kind], ...items };
    }
    if (copy.security) whole.security = copy.security;
  }
  return whole;
}

function menu(answers) {
  const nav = document.querySelector("nav");
  for (const { service, document: found } of answers) {
    const link = document.createElement("a");
    link.href = `/api/${service}/openapi.json`;
    link.textContent = found ? service : `${service} (away)`;
    nav.append(link);
  }
}

function render(spec) {
  window.SwaggerUIBundle({
    spec,
    domNode: document.querySelector("#page"),
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
  });
}

async function show() {
  const answers = await Promise.all(SERVICES.map(fetched));
  menu(answers);
  if (!window.SwaggerUIBundle) return;
  render(merged(answers));
}

show();
