import {
  Controller,
  Doc,
  File,
  From,
  Get,
  HttpError,
  MaxBodySize,
  Multipart,
  Param,
  Post,
  Reply,
  Returns,
  UploadedFile,
} from 'luminaire';
import { Id, Line } from '../api/text.js';
import { StoredFiles } from '../attachments/stored-files.js';
import { Editor, type ListAccess, Viewer } from '../lists/list-access.js';
import { Import, linesOf, MAX_IMPORT_SIZE } from './import.js';
import { ImportService } from './import.service.js';

@Controller('/api/lists/:listId/imports')
export class ImportController {
  constructor(
    private readonly imports: ImportService,
    private readonly files: StoredFiles,
  ) {}

  /** Each line of the file becomes a todo, in the background; the whole file is refused for one bad line. */
  @Post()
  @Returns(202, Import)
  @Doc({ responses: { 422: 'One of the lines is no title.' } })
  @MaxBodySize(MAX_IMPORT_SIZE)
  @Multipart({ maxFiles: 1 })
  async start(@Param('listId', Id) listId: number, @From(Editor) access: ListAccess, @File('file') file: UploadedFile) {
    const lines = linesOf(await file.text());
    const bad = lines.findIndex((line) => !Line.safeParse(line).success);
    HttpError.assert(bad < 0, `Entry ${bad + 1} is no title: they have up to 200 characters.`, 422);
    const added = await this.imports.add(access, await this.files.keep(file), lines.length);
    return new Reply(202, added, { Location: `/api/lists/${listId}/imports/${added.id}` });
  }

  @Get('/:importId')
  @Returns(200, Import)
  show(@Param('listId', Id) listId: number, @Param('importId', Id) importId: number, @From(Viewer) _: ListAccess) {
    return this.imports.find(listId, importId);
  }
}
