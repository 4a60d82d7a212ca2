import { HttpError, Reply, requestScoped, type UploadedFile } from 'luminaire';
import { newestFirst, type Page, type Paging } from '../api/paging.js';
import { Journal } from '../changes/journal.js';
import { Transaction } from '../database/transaction.js';
import type { ListAccess } from '../lists/list-access.js';
import type { Attachment } from './attachment.js';
import { StoredFiles } from './stored-files.js';

const COLUMNS = ['id', 'todoId', 'name', 'type', 'size', 'createdAt'] as const;

@requestScoped()
export class AttachmentService {
  constructor(
    private readonly files: StoredFiles,
    private readonly journal: Journal,
    private readonly transaction: Transaction,
  ) {}

  /** Newest first. */
  page(todoId: number, paging: Paging): Promise<Page<Attachment>> {
    const attachments = this.transaction.statements.selectFrom('attachments').select(COLUMNS);
    return newestFirst(attachments.where('todoId', '=', todoId), 'id', paging);
  }

  async add({ user, listId }: ListAccess, todoId: number, upload: UploadedFile): Promise<Attachment> {
    const { filename, type, size } = upload;
    const file = await this.files.keep(upload);
    return this.transaction.run(async () => {
      const row = { todoId, file, name: filename || 'file', type, size };
      const attachments = this.transaction.statements.insertInto('attachments').values(row);
      const attachment = await attachments.returning(COLUMNS).executeTakeFirstOrThrow();
      await this.journal.record(user, listId, 'attachment.created', attachment);
      return attachment;
    });
  }

  /** The content, always as a download: what others have uploaded must not run as a page of this host. */
  async open(todoId: number, id: number) {
    const attachments = this.transaction.statements.selectFrom('attachments').select(['file', 'name', 'type']);
    const found = await attachments.where('todoId', '=', todoId).where('id', '=', id).executeTakeFirst();
    HttpError.assert(found, 'There is no such attachment.', 404);
    const { file, name, type } = found;
    const filename = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    const headers = { 'Content-Disposition': `attachment; filename*=UTF-8''${filename}` };
    return Reply.file(file, { root: this.files.folder, type, cacheControl: 'private, no-cache' }, headers);
  }
}
