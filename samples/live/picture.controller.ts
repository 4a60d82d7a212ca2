import {
  Body,
  Controller,
  Doc,
  File,
  Get,
  HttpError,
  MaxBodySize,
  Multipart,
  Param,
  Post,
  Reply,
  UploadedFile,
} from 'luminaire';
import { Board } from './board.js';
import { NewPicture } from './item.js';
import { Pictures } from './pictures.js';

const MAX_PICTURE_SIZE = 2_000_000;

@Controller('/pictures')
export class PictureController {
  constructor(
    private readonly board: Board,
    private readonly pictures: Pictures,
  ) {}

  @Post()
  @MaxBodySize(MAX_PICTURE_SIZE + 10_000)
  @Multipart({ maxFiles: 1, maxFileSize: MAX_PICTURE_SIZE })
  async add(@File('picture') file: UploadedFile, @Body(NewPicture) about: NewPicture): Promise<Reply> {
    const picture = this.pictures.add(await file.bytes());
    HttpError.assert(picture, 'A picture is a PNG, a JPEG, a GIF or a WebP.', 422);
    await this.board.addPicture(picture.id, about);
    return Reply.created(`/pictures/${picture.id}`, { id: picture.id });
  }

  @Get('/:id')
  @Doc({ responses: { 200: { description: 'The picture.', type: 'image/*' }, 404: 'It is not there any more.' } })
  show(@Param('id') id: string): Reply {
    const picture = this.pictures.find(id);
    HttpError.assert(picture, 'This picture is not there any more.', 404);
    const { bytes, type } = picture;
    return new Reply(200, bytes, { 'Content-Type': type, 'Cache-Control': 'private, max-age=3600, immutable' });
  }
}
