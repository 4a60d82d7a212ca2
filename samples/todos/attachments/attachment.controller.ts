import {
  Controller,
  Delete,
  Doc,
  File,
  From,
  Get,
  Header,
  MaxBodySize,
  Multipart,
  Param,
  Post,
  Query,
  Reply,
  Returns,
  Status,
  UploadedFile,
} from 'luminaire';
import { Idempotency, IdempotencyKey } from '../api/idempotency.js';
import { Page, Paging } from '../api/paging.js';
import { Id } from '../api/text.js';
import { Editor, type ListAccess, Viewer } from '../lists/list-access.js';
import { Attachment, MAX_ATTACHMENT_SIZE } from './attachment.js';
import { AttachmentService } from './attachment.service.js';

@Controller('/api/todos/:todoId/attachments', { scope: 'request' })
export class AttachmentController {
  constructor(
    private readonly attachments: AttachmentService,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @Returns(200, Page(Attachment))
  all(@Param('todoId', Id) todoId: number, @From(Viewer) _: ListAccess, @Query(Paging) paging: Paging) {
    return this.attachments.page(todoId, paging);
  }

  /** To disk as it arrives, and not before it is known who sends it. */
  @Post()
  @Returns(201, Attachment)
  @Doc({ responses: { 422: 'The key was used for something else.' } })
  @MaxBodySize(MAX_ATTACHMENT_SIZE + 10_000)
  @Multipart({ store: 'disk', maxFiles: 1, maxFileSize: MAX_ATTACHMENT_SIZE })
  add(
    @Param('todoId', Id) todoId: number,
    @From(Editor) access: ListAccess,
    @File('file') file: UploadedFile,
    @Header('idempotency-key?', IdempotencyKey) key?: string,
  ) {
    const request = ['attachment', todoId, file.filename, file.type, file.size];
    return this.idempotency.once({ ...access, key, request }, async () => {
      const attachment = await this.attachments.add(access, todoId, file);
      return Reply.created(`/api/todos/${todoId}/attachments/${attachment.id}`, attachment);
    });
  }

  @Get('/:attachmentId')
  @Doc({ responses: { 206: 'The range that was asked for.', 416: 'The range is beyond the end.' } })
  open(@Param('todoId', Id) todoId: number, @Param('attachmentId', Id) id: number, @From(Viewer) _: ListAccess) {
    return this.attachments.open(todoId, id);
  }

  @Delete('/:attachmentId')
  @Status(204)
  remove(@Param('todoId', Id) todoId: number, @Param('attachmentId', Id) id: number, @From(Editor) access: ListAccess) {
    return this.attachments.remove(access, todoId, id);
  }
}
