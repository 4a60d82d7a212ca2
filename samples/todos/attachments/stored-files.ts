import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { injectable, type UploadedFile } from 'luminaire';
import { Database } from '../database/database.js';
import { Settings } from '../settings.js';

/** Longer than any request takes that has kept its file, and not yet the row that names it. */
const GRACE_MS = 60 * 60 * 1000;

/** Keeps what was uploaded as files under names of its own. The database knows what they are. */
@injectable()
export class StoredFiles {
  readonly folder: string;

  constructor(
    settings: Settings,
    private readonly database: Database,
  ) {
    this.folder = join(settings.folder, 'files');
  }

  /** Removes what nothing refers to: that of a todo that was removed, or of a request that failed. */
  async onStart(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const { statements } = this.database;
    const attachments = statements.selectFrom('attachments').select('file');
    const known = await attachments.union(statements.selectFrom('imports').select('file')).execute();
    const names = new Set(known.map(({ file }) => file));
    for (const file of await readdir(this.folder)) {
      const { mtimeMs } = await stat(join(this.folder, file));
      if (!names.has(file) && Date.now() - mtimeMs > GRACE_MS) await rm(join(this.folder, file));
    }
  }

  /** Keeps a file beyond its request. Gives the name that it has from now on. */
  async keep(upload: UploadedFile): Promise<string> {
    const file = randomUUID();
    await upload.saveTo(join(this.folder, file));
    return file;
  }

  text(file: string): Promise<string> {
    return readFile(join(this.folder, file), 'utf8');
  }
}
