import { z } from 'zod';

/** A share of the board's width or height. */
const Share = z.number().min(0).max(1);

export const Name = z.string().trim().min(1).max(30);
export const Colour = z.enum(['red', 'orange', 'green', 'blue', 'violet', 'grey']);
export const Place = z.object({ x: Share, y: Share });

export const NewNote = z.object({ by: Name, colour: Colour, text: z.string().trim().min(1).max(280) });
export const NewStroke = z.object({
  by: Name,
  colour: Colour,
  points: z
    .array(z.tuple([Share, Share]))
    .min(2)
    .max(1000),
});
/** The text fields of a form, so a picture is described in words. */
export const NewPicture = z.object({ by: Name, description: z.string().trim().min(1).max(280) });

export type Place = z.infer<typeof Place>;
export type Colour = z.infer<typeof Colour>;
export type NewNote = z.infer<typeof NewNote>;
export type NewStroke = z.infer<typeof NewStroke>;
export type NewPicture = z.infer<typeof NewPicture>;

interface Identified {
  readonly id: string;
}

/** What is on the board. Strokes stay where they were drawn. */
export type Item =
  | (Identified & Place & NewNote & { readonly kind: 'note' })
  | (Identified & Place & NewPicture & { readonly kind: 'picture' })
  | (Identified & NewStroke & { readonly kind: 'stroke' });

/** What anybody did to it. */
export type Change = Item | { readonly kind: 'removal'; readonly id: string };
