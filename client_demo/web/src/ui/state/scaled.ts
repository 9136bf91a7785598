/** A photo as it is sent: turned upright and no larger than the server keeps it, so that it is there within a moment on a seminar's Wi-Fi. */

/** Pixels of the longer side (B2). */
const SIDE = 1_600
const QUALITY = 0.85

/** A JPEG of it; null where this browser cannot read it. */
export async function scaled(file: Blob): Promise<Blob | null> {
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return null
  }
  const part = Math.min(1, SIDE / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * part))
  canvas.height = Math.max(1, Math.round(picture.height * part))
  const paper = canvas.getContext('2d')
  if (!paper) return null
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, canvas.width, canvas.height)
  paper.imageSmoothingQuality = 'high'
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
}

/** Whether a file says that it is a photo as iPhones keep them. */
export const isHeic = (file: { readonly type: string; readonly name?: string }): boolean =>
  /^image\/hei[cf]/.test(file.type) || /\.hei[cf]$/i.test(file.name ?? '')
