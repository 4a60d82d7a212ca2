import { Cookie, Header, Param, Query } from '../../../src/decorators/parameters.js';
import { Get } from '../../../src/decorators/route.js';

type Color = 'red' | 'green';
type UserId = string & { readonly brand: 'user' };
enum Size { Small, Large }
enum Level { Low = 'low', High = 'high' }
interface Point { x: number }

class Fits {
  // fits: a string
  @Get() text(@Query('q') q: string) {}
  // fits: a number
  @Get() numbers(@Param('id') id: number) {}
  // fits: a boolean
  @Get() flag(@Query('flag') flag: boolean) {}
  // fits: a bigint
  @Get() big(@Param('id') id: bigint) {}
  // fits: a Date
  @Get() day(@Header('if-modified-since') since: Date) {}
  // fits: a URL
  @Get() link(@Query('to') to: URL) {}
  // fits: a repeated query field
  @Get() tags(@Query('tag') tags: string[]) {}
  // fits: a repeated header field
  @Get() accept(@Header('accept') accept: string[]) {}
  // fits: a cookie
  @Get() theme(@Cookie('theme') theme: string) {}
  // fits: an optional parameter of an optional name
  @Get() maybe(@Query('page?') page?: number) {}
  // fits: a default for an optional name
  @Get() page(@Query('page?') page: number = 1) {}
  // fits: a default before a required parameter
  @Get() first(@Query('page?') page: number = 1, @Query('q') q: string) {}
  // fits: an optional list
  @Get() list(@Query('tag?') tags: string[] = []) {}
  // fits: an optional path parameter
  @Get('/:id?') optional(@Param('id?') id?: string) {}
  // fits: a static field beside an async handler
  @Get() async later(@Cookie('sid?') sid?: string): Promise<string> { return sid ?? ''; }
}

class Refused {
  // refused: @Query("color") without a schema gives exactly string, number, boolean, bigint, Date or URL, or string[]
  @Get() union(@Query('color') color: Color) {}
  // refused: @Query("size") without a schema gives exactly
  @Get() numeric(@Query('size') size: Size) {}
  // refused: @Query("level") without a schema gives exactly
  @Get() level(@Query('level') level: Level) {}
  // refused: @Query("at") without a schema gives exactly
  @Get() object(@Query('at') at: { x: number }) {}
  // refused: @Query("at") without a schema gives exactly
  @Get() point(@Query('at') at: Point) {}
  // refused: @Query("id") without a schema gives exactly
  @Get() either(@Query('id') id: string | number) {}
  // refused: @Query("id") without a schema gives exactly
  @Get() nullable(@Query('id') id: string | null) {}
  // refused: @Query("any") without a schema gives exactly
  @Get() anything(@Query('any') any: any) {}
  // refused: @Query("what") without a schema gives exactly
  @Get() unknown(@Query('what') what: unknown) {}
  // refused: @Query("who") without a schema gives exactly
  @Get() branded(@Query('who') who: UserId) {}
  // refused: @Query("yes") without a schema gives exactly
  @Get() literal(@Query('yes') yes: true) {}
  // refused: @Query("ids") without a schema gives exactly
  @Get() ids(@Query('ids') ids: number[]) {}
  // refused: @Query("pair") without a schema gives exactly
  @Get() tuple(@Query('pair') pair: [string, string]) {}
  // refused: @Param("tags") without a schema gives exactly string, number, boolean, bigint, Date or URL:
  @Get('/:tags') parts(@Param('tags') tags: string[]) {}
  // refused: @Cookie("tags") without a schema gives exactly
  @Get() cookies(@Cookie('tags') tags: string[]) {}
  // refused: @Header("x-point") without a schema gives exactly
  @Get() header(@Header('x-point') point: Point) {}
  // refused: @Header("x-set") without a schema gives exactly
  @Get() set(@Header('x-set') set: Set<string>) {}
  // refused: @Query("s") without a schema gives exactly
  @Get() generic<V>(@Query('s') s: V) {}
  // refused: @Query("page?") may be missing, so the parameter must accept undefined: write "name?: T"
  @Get() page(@Query('page?') page: number) {}
  // refused: @Param("id?") may be missing
  @Get('/:id?') show(@Param('id?') id: string) {}
  // refused: @Header("etag?") may be missing
  @Get() etag(@Header('etag?') etag: string) {}
  // refused: @Cookie("sid?") may be missing
  @Get() cookie(@Cookie('sid?') sid: string) {}
  // refused: @Query("tag?") may be missing
  @Get() list(@Query('tag?') tags: string[]) {}
  // refused: @Query("page") is never missing, so the parameter need not be optional: end the name in "?"
  @Get() unused(@Query('page') page: number = 1) {}
  // refused: @Header("etag") is never missing
  @Get() never(@Header('etag') etag?: string) {}
  // refused: @Query("b") without a schema gives exactly
  @Get() second(@Query('a') a: string,
    @Query('b') b: Point) {}
}
