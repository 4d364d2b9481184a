// Types of the services' APIs out of their OpenAPI documents (CONTRACTS: the folder that holds them).
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const contracts = process.env.CONTRACTS ?? new URL('../../contracts/http/', import.meta.url).pathname;
const target = new URL('../src/shared/api/generated/', import.meta.url).pathname;

mkdirSync(target, { recursive: true });
for (const service of ['auth', 'classroom', 'grading', 'lecture-chat', 'files']) {
  const document = JSON.parse(readFileSync(`${contracts}/${service}.openapi.json`, 'utf8'));
  const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
  // A type check that runs beside this one must never read half a file.
  writeFileSync(`${target}/${service}.ts.${process.pid}`, types);
  renameSync(`${target}/${service}.ts.${process.pid}`, `${target}/${service}.ts`);
}
