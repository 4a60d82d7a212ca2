import {
  Controller,
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
  UploadedFile,
} from 'luminaire';
import { Idempotency, IdempotencyKey } from '../api/idempotency.js';
import { Page, Paging } from '../api/paging.js';
import { Id } from '../api/text.js';
import { Editor, type ListAccess, Viewer } from '../lists/list-access.js';
import { Attachment, MAX_ATTACHMENT_SIZE } from './attachment.js';
import { AttachmentService } from './attachment.service.js';

/** The whole file, or the range that was asked for. */
const CONTENT = { description: 'What was attached.', type: '*/*' };

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
  @Doc({ responses: { 200: CONTENT, 206: CONTENT, 416: 'The range is beyond its end.' } })
  open(@Param('todoId', Id) todoId: number, @Param('attachmentId', Id) id: number, @From(Viewer) _: ListAccess) {
    return this.attachments.open(todoId, id);
  }
}
