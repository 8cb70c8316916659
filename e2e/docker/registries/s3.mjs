// S3 in a folder, as a process: node s3.mjs FOLDER ADDRESS PORT BUCKET. s3rver lists neither uploads nor their parts, which
// registries ask for; what it keeps of them on the disk is told here.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from 's3rver';

const [, , folder, address, port, bucket] = process.argv;
const s3 = new S3rver({ address, port: Number(port), directory: folder, silent: true, configureBuckets: [{ name: bucket }] });
const uploads = join(folder, bucket, '._S3rver_uploads');

const entriesOf = (path) => {
  try {
    return readdirSync(path);
  } catch {
    return []; // nothing was begun yet
  }
};
const list = (name, items) => `<?xml version="1.0" encoding="UTF-8"?><${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>${items.join('')}</${name}>`;
const uploadsBelow = (prefix) => entriesOf(uploads)
  .map((id) => ({ id, key: readFileSync(join(uploads, id, 'key'), 'utf8') }))
  .filter(({ key }) => key.startsWith(prefix))
  .map(({ id, key }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
const partsOf = (id) => entriesOf(join(uploads, id)).filter((name) => /^\d+$/.test(name)).sort((a, b) => a - b)
  .map((number) => `<Part><PartNumber>${number}</PartNumber><ETag>"${readFileSync(join(uploads, id, `${number}.md5`), 'utf8')}"</ETag><Size>${statSync(join(uploads, id, number)).size}</Size></Part>`);

s3.middleware.unshift(async (ctx, next) => {
  const { method, query: { uploads: isList, uploadId, prefix = '' } } = ctx;
  if (method !== 'GET' || (isList === undefined && uploadId === undefined)) return next();
  ctx.type = 'application/xml';
  ctx.body = uploadId === undefined ? list('ListMultipartUploadsResult', uploadsBelow(prefix)) : list('ListPartsResult', partsOf(uploadId));
});
await s3.run();
