import {
  Body,
  Controller,
  Delete,
  Doc,
  LastEventId,
  Param,
  Patch,
  Post,
  Returns,
  Signal,
  Sse,
  Status,
} from 'luminaire';
import { z } from 'zod';
import { Board } from './board.js';
import { type Item, NewNote, NewStroke, Place } from './item.js';

const Added = z.object({ id: z.string() });

/** The board: every change is an ordinary request, and everybody hears of it by one event stream. */
@Controller()
export class BoardController {
  constructor(private readonly board: Board) {}

  /** All that is on the board first, then what changes; after a break only what was missed. */
  @Sse('/changes')
  changes(@LastEventId() lastEventId: string | undefined, @Signal() signal: AbortSignal) {
    return this.board.changes.subscribe({
      lastEventId,
      signal,
      snapshot: () => ({ event: 'board', retry: 1000, data: this.board.items() }),
    });
  }

  @Post('/notes')
  @Returns(201, Added)
  addNote(@Body(NewNote) note: NewNote): Promise<Item> {
    return this.board.addNote(note);
  }

  @Post('/strokes')
  @Returns(201, Added)
  addStroke(@Body(NewStroke) stroke: NewStroke): Promise<Item> {
    return this.board.addStroke(stroke);
  }

  @Patch('/items/:id')
  @Status(204)
  @Doc({ responses: { 404: 'There is nothing here to move.' } })
  move(@Param('id') id: string, @Body(Place) place: Place): Promise<void> {
    return this.board.move(id, place);
  }

  @Delete('/items/:id')
  @Status(204)
  @Doc({ responses: { 404: 'It is not there any more.' } })
  remove(@Param('id') id: string): Promise<void> {
    return this.board.remove(id);
  }

  @Delete('/items')
  @Status(204)
  clear(): Promise<void> {
    return this.board.clear();
  }
}
