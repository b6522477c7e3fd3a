{{# A label of 4 by 6 inches at 203 dots per inch, in UTF-8. }}
^XA^CI28^PW812^LL1218
^FO40,220^A0N,50,50^FH^FD{{ship_to.name}}^FS
^FO40,280^A0N,40,40^FH^FB732,4,4,L,0^FD{{ship_to.line1}}\&{{if has(ship_to.line2)}}{{ship_to.line2}}\&{{end}}{{ship_to.city}}, {{ship_to.region}} {{ship_to.postal_code}}^FS
^FO60,480^BY3,2.5,200^BCN,200,Y,N,N,A^FD{{tracking_numbers[0]}}^FS
{{each lines[]}}
^FO40,{{760 + nth * 30}}^A0N,28,28^FH^FD{{quantity}} x {{sku}}^FS
{{end}}
^XZ
