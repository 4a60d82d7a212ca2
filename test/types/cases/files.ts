import { File, Files, Multipart, Parts } from '../../../src/decorators/files.js';
import { Body, Query } from '../../../src/decorators/parameters.js';
import { Post } from '../../../src/decorators/route.js';
import type { FormPart } from '../../../src/http/forms/form-part.js';
import { UploadedFile } from '../../../src/http/forms/uploaded-file.js';
import { color, count, schema, type Todo, tags, todo } from './schemas.js';

const text = schema<string>();
const texts = schema<string[]>();

class Fits {
  // fits: a file
  @Post() one(@File('a') a: UploadedFile) {}
  // fits: a file that may be missing
  @Post() optional(@File('a?') a?: UploadedFile) {}
  // fits: a file that may be missing, in a union
  @Post() union(@File('a?') a: UploadedFile | undefined) {}
  // fits: a file held as unknown
  @Post() opaque(@File('a') a: unknown) {}
  // fits: what a file has of it
  @Post() part(@File('a') a: Pick<UploadedFile, 'size'>) {}
  // fits: files of one name
  @Post() many(@Files('a') a: UploadedFile[]) {}
  // fits: files as a list that is only read
  @Post() readonly(@Files('a') a: readonly UploadedFile[]) {}
  // fits: files that may be missing, with a default
  @Post() manyOptional(@Files('a?') a: UploadedFile[] = []) {}
  // fits: all files
  @Post() all(@Files() a: UploadedFile[]) {}
  // fits: the parts of a form
  @Post() parts(@Parts() a: AsyncIterable<FormPart>) {}
  // fits: the fields of a form beside its file
  @Post() fields(@Body(todo) body: Todo, @File('a') a: UploadedFile) {}
  // fits: a schema of anything beside a file
  @Post() anything(@Body(count) body: number, @File('a?') a?: UploadedFile) {}
  // fits: an unchecked body beside files
  @Post() unchecked(@Files() a: UploadedFile[], @Body() body: unknown) {}
  // fits: a list for a body where there is no file
  @Post() list(@Body(texts) body: string[], @Query('q') q: string) {}
  // fits: options on a method
  @Post() @Multipart({ store: 'disk', maxFiles: 1 }) stored(@Files() a: UploadedFile[]) {}
}

// fits: options on a class
@Multipart({ maxFileSize: 1_000_000 })
class Stored {}

class Refused {
  // refused: Luminaire: @File("a") gives an UploadedFile: declare the parameter so
  @Post() text(@File('a') a: string) {}
  // refused: Luminaire: @File("b") gives an UploadedFile: declare the parameter so
  @Post() list(@File('b') b: UploadedFile[]) {}
  // refused: Luminaire: @File("a?") may be missing, so the parameter must accept undefined
  @Post() missing(@File('a?') a: UploadedFile) {}
  // refused: Luminaire: @File("a") is never missing, so the parameter need not be optional
  @Post() needless(@File('a') a?: UploadedFile) {}
  // refused: Luminaire: @Files("a") gives an array of UploadedFile: declare the parameter so
  @Post() one(@Files('a') a: UploadedFile) {}
  // refused: Luminaire: @Files("a?") may be missing, so the parameter must accept undefined
  @Post() manyMissing(@Files('a?') a: UploadedFile[]) {}
  // refused: Luminaire: @Files() gives an array of UploadedFile: declare the parameter so
  @Post() all(@Files() a: UploadedFile) {}
  // refused: Luminaire: @Parts() gives an AsyncIterable<FormPart>: declare the parameter so
  @Post() parts(@Parts() a: FormPart[]) {}
  // refused: Luminaire: @Body(schema) beside a file is the text fields of its form: its schema takes an object
  @Post() string(@Body(text) body: string, @File('a') a: UploadedFile) {}
  // refused: Luminaire: @File("a") reads a request, so it stands in a handler, not in a constructor
  constructor(@File('a') a: UploadedFile) {}
  // refused: Object literal may only specify known properties
  @Post() @Multipart({ maxFile: 1 }) options(@Files() a: UploadedFile[]) {}
}

class RefusedLists {
  // refused: Luminaire: @Body(schema) beside a file is the text fields of its form: its schema takes an object
  @Post() strings(@Body(texts) body: string[], @Files('a?') a?: UploadedFile[]) {}
}

class RefusedUnions {
  // refused: Luminaire: @Body(schema) beside a file is the text fields of its form: its schema takes an object
  @Post() union(@Files() a: UploadedFile[], @Body(color) body: 'red' | 'green') {}
}
