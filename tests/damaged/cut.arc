filedesc://valley.arc 0.0.0.0 20240602000000 text/plain 68
1 0 Valley
URL IP-address Archive-date Content-type Archive-length


https://valley.example/mill 192.0.2.7 20240602040506 text/html 535
HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
Content-Length: 455

<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Old mill becomes a library</title></head><body><article><h1>Old mill becomes a library</h1><p>The old mill on the river will be a library by autumn, the council decided on Tuesday. Builders 